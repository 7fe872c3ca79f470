import { waitFor } from '../process/wait-for.js';
import { RespConnection, type RespText } from '../resp/resp-connection.js';
import { RedisProcess } from './redis-process.js';
import { RedisServer } from './redis-server.js';
import { infoOf } from './redis-info.js';

export interface RedisSentinelOptions {
  /** Default 1. */
  readonly replicas?: number;
  /** Default 3, of which two must agree. */
  readonly sentinels?: number;
  /** Of the servers; the Sentinels ask for none. */
  readonly password?: string;
  /** A primary that does not answer for so long is down. Default 500 ms. */
  readonly downAfterMs?: number;
  /** Directives for each server. */
  readonly config?: Readonly<Record<string, string>>;
  /** Default `/usr/bin/redis-server`. */
  readonly executable?: string;
}

const withinMs = 60_000;

/** A primary, its replicas, and Sentinels that watch over them, all on free ports. */
export class RedisSentinel {
  /** Under which the Sentinels know the primary. */
  readonly name = 'mymaster';
  /** In the order in which they were made; the first one begins as the primary. */
  readonly servers: readonly RedisServer[];

  private readonly watchers: readonly RedisProcess[];
  private starting: Promise<void> | undefined;

  constructor(private readonly options: RedisSentinelOptions = {}) {
    const { replicas = 1, sentinels = 3, password, executable } = options;
    this.servers = Array.from({ length: replicas + 1 }, (_, index) => {
      return new RedisServer({
        // Otherwise a primary waits 5 s for further replicas before it sends its data to the first.
        config: async () => ({
          'repl-diskless-sync-delay': '0',
          ...(index === 0 ? {} : { replicaof: `127.0.0.1 ${this.first.port}` }),
          ...options.config,
        }),
        ...(password === undefined ? {} : { password }),
        ...(executable === undefined ? {} : { executable }),
      });
    });
    this.watchers = Array.from({ length: sentinels }, () => this.newWatcher());
  }

  /** Where the Sentinels listen, as clients want it. */
  get sentinels(): readonly { readonly host: string; readonly port: number }[] {
    return this.watchers.map(({ port }) => ({ host: '127.0.0.1', port }));
  }

  /**
   * Resolves when all know each other, so that a failover will work. Twice is legal.
   *
   * @throws ServiceError as {@link RedisServer.start}
   */
  async start(): Promise<void> {
    this.starting ??= this.startOnce();
    await this.starting;
  }

  /** Stops all for good. Twice, and before a start, is legal. */
  async close(): Promise<void> {
    // The watchers first: they must not see a failure in the end of a server.
    await Promise.all(this.watchers.map((watcher) => watcher.close()));
    await Promise.all(this.servers.map((server) => server.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The server that the Sentinels call the primary now; of which they may be wrong for `downAfterMs`. */
  async primary(): Promise<RedisServer> {
    return this.serverAt(await this.command('GET-MASTER-ADDR-BY-NAME', this.name));
  }

  /** Makes a replica the primary, in order. Resolves with it, when the old one follows it. */
  async failover(): Promise<RedisServer> {
    const old = await this.primary();
    await waitFor(async () => (await this.command('FAILOVER', this.name)) === 'OK', {
      withinMs,
      what: 'the Sentinels to accept a failover',
      everyMs: 100,
    });
    const primary = await this.nextPrimary(old);
    await waitFor(async () => (await infoOf(old, 'replication'))['role'] === 'slave', {
      withinMs,
      what: 'the old primary to become a replica',
    });
    // Were it killed before, the other would come back with what it had.
    await linked(old);
    return primary;
  }

  /** Kills the primary. Resolves with its successor, once the Sentinels have made it one. */
  async killPrimary(): Promise<RedisServer> {
    const old = await this.primary();
    await old.kill();
    return await this.nextPrimary(old);
  }

  /** Sends `SENTINEL …` to the first Sentinel. */
  async command(...args: readonly string[]): Promise<RespText> {
    const [watcher] = this.watchers;
    if (watcher === undefined) throw new RangeError('there is no Sentinel');
    return await ask(watcher, args);
  }

  private get first(): RedisServer {
    const [first] = this.servers;
    if (first === undefined) throw new RangeError('there is no server');
    return first;
  }

  private async startOnce(): Promise<void> {
    await this.first.start();
    await Promise.all(this.servers.slice(1).map((server) => server.start()));
    await Promise.all(this.servers.slice(1).map((server) => linked(server)));
    await Promise.all(this.watchers.map((watcher) => watcher.start()));
    await Promise.all(this.watchers.map(async (watcher) => await this.knowsAll(watcher)));
  }

  private async knowsAll(watcher: RedisProcess): Promise<void> {
    const wanted = {
      flags: 'master',
      'num-slaves': String(this.servers.length - 1),
      'num-other-sentinels': String(this.watchers.length - 1),
    };
    await waitFor(
      async () => {
        const fields = pairsOf(await ask(watcher, ['MASTER', this.name]));
        return Object.entries(wanted).every(([name, value]) => fields[name] === value);
      },
      { withinMs, what: `a Sentinel to know all: ${JSON.stringify(wanted)}`, everyMs: 50 },
    );
  }

  private async nextPrimary(old: RedisServer): Promise<RedisServer> {
    return await waitFor(
      async () => {
        const primary = await this.primary();
        if (primary === old) return undefined;
        return (await infoOf(primary, 'replication'))['role'] === 'master' ? primary : undefined;
      },
      { withinMs, what: 'another primary', everyMs: 50 },
    );
  }

  private serverAt(address: RespText): RedisServer {
    const port = Array.isArray(address) ? Number(address[1]) : Number.NaN;
    const server = this.servers.find((each) => each.port === port);
    if (server === undefined) throw new RangeError(`no server of ours is at ${JSON.stringify(address)}`);
    return server;
  }

  private newWatcher(): RedisProcess {
    const { sentinels = 3, password, downAfterMs = 500, executable } = this.options;
    const quorum = Math.floor(sentinels / 2) + 1;
    const watcher: RedisProcess = new RedisProcess({
      name: 'a Redis Sentinel',
      args: ['--sentinel'],
      ...(executable === undefined ? {} : { executable }),
      directives: async ({ port }) => ({
        port: String(port),
        sentinel: [
          `monitor ${this.name} 127.0.0.1 ${this.first.port} ${quorum}`,
          `down-after-milliseconds ${this.name} ${downAfterMs}`,
          `failover-timeout ${this.name} 5000`,
          ...(password === undefined ? [] : [`auth-pass ${this.name} ${password}`]),
        ].join('\n'),
      }),
      connect: async () => await RespConnection.open({ port: watcher.port }),
    });
    return watcher;
  }
}

async function ask(watcher: RedisProcess, args: readonly string[]): Promise<RespText> {
  const connection = await RespConnection.open({ port: watcher.port });
  try {
    return await connection.command('SENTINEL', ...args);
  } finally {
    connection.close();
  }
}

/** Waits until a replica has the data of its primary and follows it. */
async function linked(replica: RedisServer): Promise<void> {
  await waitFor(async () => (await infoOf(replica, 'replication'))['master_link_status'] === 'up', {
    withinMs,
    what: 'a replica to follow its primary',
  });
}

function pairsOf(reply: RespText): Readonly<Record<string, string>> {
  const fields: Record<string, string> = {};
  const items = Array.isArray(reply) ? (reply as readonly RespText[]).map(String) : [];
  for (const [index, name] of items.entries()) if (index % 2 === 0) fields[name] = items[index + 1] ?? '';
  return fields;
}
