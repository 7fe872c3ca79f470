import { ensureInstalled, RedisServer } from '@lovage/services';
import type { KeptResult, Place, PlacedMessage } from '../check/run-record.js';
import { idPattern, queueName } from '../run/task-plan.js';
import type { BrokerOptions, BrokerUnderTest } from './broker-under-test.js';
import { redisOpenChords, redisResults } from './redis-results.js';

/** Lists of one queue, by priority class; see docs/redis.md. */
const lists = ['', '3', '6', '9'].map((step) => queueName + (step === '' ? '' : `\u0006\u0016${step}`));
const delayed = `lovage:delayed:${queueName}`;
const parked = `lovage:parked:${queueName}`;

/** A redis-server with an append-only file. */
export async function startRedis(options: BrokerOptions): Promise<BrokerUnderTest> {
  ensureInstalled('redis-server');
  const server = new RedisServer({ appendOnly: true, config: { appendfsync: options.fsync } });
  await server.start();
  const info = String(await server.command('INFO', 'server'));
  const version = /redis_version:(\S+)/.exec(info)?.[1] ?? 'of an unknown version';
  return new RedisUnderTest(server, `Redis ${version}`, options.leaseMs);
}

class RedisUnderTest implements BrokerUnderTest {
  readonly sweepMs: number;

  constructor(
    private readonly server: RedisServer,
    readonly version: string,
    private readonly leaseMs: number,
  ) {
    // As in packages/redis/src/broker/recovery.ts: a fifth of the lease and at most 5 s, spread by a quarter.
    this.sweepMs = Math.min(5000, leaseMs / 5) * 1.25;
  }

  get url(): string {
    return `${this.server.url}?lease=${this.leaseMs}ms`;
  }

  async cutClients(): Promise<void> {
    await this.server.killClients();
  }

  async restart(how: 'stop' | 'kill'): Promise<void> {
    await (how === 'stop' ? this.server.stop() : this.server.kill());
    await this.server.start();
  }

  async counts(): Promise<Readonly<Record<Place, number>>> {
    let ready = 0;
    for (const list of lists) ready += Number(await this.server.command('LLEN', list));
    return {
      ready,
      delayed: Number(await this.server.command('ZCARD', delayed)),
      unsettled: Number(await this.server.command('HLEN', 'unacked')),
      parked: Number(await this.server.command('ZCARD', parked)),
    };
  }

  async messages(): Promise<readonly PlacedMessage[]> {
    const found: PlacedMessage[] = [];
    const add = (place: Place, entries: readonly string[]): void => {
      for (const entry of entries) found.push({ id: idPattern.exec(entry)?.[0] ?? 'without an id', place });
    };
    for (const list of lists) add('ready', await this.texts('LRANGE', list, 0, -1));
    add('delayed', await this.texts('ZRANGE', delayed, 0, -1));
    add('unsettled', await this.texts('HVALS', 'unacked'));
    add('parked', await this.texts('ZRANGE', parked, 0, -1));
    return found;
  }

  async results(ids?: readonly string[]): Promise<readonly KeptResult[]> {
    return await redisResults(this.server, ids);
  }

  async openChords(): Promise<number> {
    return await redisOpenChords(this.server);
  }

  async close(): Promise<void> {
    await this.server.close();
  }

  private async texts(...command: readonly (string | number)[]): Promise<readonly string[]> {
    return (await this.server.command(...command)) as readonly string[];
  }
}
