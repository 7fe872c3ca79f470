import { setTimeout as sleep } from 'node:timers/promises';
import { TaskApp, type TaskResult } from '@lovage/core';
import { type ChildProgram, describeWith, RabbitServer, RedisServer, waitFor } from '@lovage/services';
import { appPath, compileCommand, LovageCommands, withinMs } from '../support/lovage-command.js';

/** npm run shutdowns -- --count 200 */
const wanted = process.env['LOVAGE_SHUTDOWNS'];
const seed = Number(process.env['LOVAGE_SEED'] || 1);

// It builds before it starts; only a failing test waits that long.
jest.setTimeout(120_000 + Number(wanted || 20) * 30_000);

/** Longer than the drain timeout of the workers that are told to end, so that it is cut. */
const longMs = 2000;
const drain = ['--drain-timeout', '0.5'];

/** Mulberry32: the phases of a seed are the same in every run. */
function seeded(state: number): (below: number) => number {
  let a = state;
  return (below) => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

/** What a worker said of its tasks, all of it: a program itself keeps its last lines only. */
class Evidence {
  readonly begun: string[] = [];
  readonly cut: string[] = [];

  constructor(readonly program: ChildProgram) {
    program.onLine((line) => {
      const [, id] = /^begun (\S+)$/.exec(line) ?? [];
      if (id !== undefined) this.begun.push(id);
      const [, list = ''] = /cut and handed back: (.*)$/.exec(line) ?? [];
      this.cut.push(...[...list.matchAll(/\[([^\]]+)\]/g)].map(([, cut = '']) => cut));
    });
  }
}

/** @param rabbit the broker, where it is not the Redis that has the results */
function describeShutdowns(rounds: number, rabbit?: RabbitServer): void {
  const redis = new RedisServer();
  const commands = new LovageCommands();
  const random = seeded(seed);
  const sent: TaskResult<number>[] = [];
  let client: TaskApp;
  let stores: readonly string[];

  beforeAll(async () => {
    await Promise.all([redis.start(), rabbit?.start(), compileCommand()]);
    const broker = (await rabbit?.createVhost())?.url ?? redis.url;
    stores = ['-b', broker, '--result-backend', redis.url];
    client = await TaskApp.create({ broker, results: redis.url, worker: false });
    await client.start();
  });

  afterAll(async () => {
    await commands.clear();
    await client.close();
    await Promise.all([redis.close(), rabbit?.close()]);
  });

  const send = async (ms: number, queue: string): Promise<void> => {
    sent.push(await client.client.send<number>('work', { args: [ms], queue }));
  };

  /** Waits for the moment at which a worker is told to end: any time of its life. */
  async function phase(round: number, worker: ChildProgram): Promise<void> {
    if (round % 3 === 0) {
      // While it is loaded, starts, or works; by the clock, since any moment will do.
      await sleep(random(1500));
      return;
    }
    await worker.waitForLine(/ ready\.$/, { withinMs });
    for (let count = 0; count < 10; count += 1) await send(random(60), 'other');
    await worker.waitForLine(/^begun /, { withinMs });
    await sleep(random(round % 3 === 1 ? 30 : 600));
  }

  it(`end by their deadline at any moment of ${rounds}: nothing is lost, and what runs twice was said to be cut`, async () => {
    const all: Evidence[] = [];
    const enlist = async (name: string, ...args: readonly string[]): Promise<Evidence> => {
      const app = ['-A', appPath('tasks.mjs'), '-n', name];
      const evidence = new Evidence(await commands.start(['worker', ...app, ...stores, ...args]));
      all.push(evidence);
      return evidence;
    };
    const steady = await enlist('steady', '-Q', 'celery', '-c', '2');
    await steady.program.waitForLine(/ ready\.$/, { withinMs });
    for (let round = 0; round < rounds; round += 1) {
      for (let count = 0; count < 10; count += 1) await send(random(60), 'celery');
      await send(longMs, 'other');
      const { program: worker, cut } = await enlist(
        `round${round}`,
        '-Q',
        'celery,other',
        '-c',
        '4',
        ...drain,
      );
      await phase(round, worker);
      worker.signal('SIGTERM');
      const { code, signal } = await worker.exited;
      const listened = worker.output('stdout').includes('SIGTERM: warm shutdown');
      expect({ round, code, signal }).toStrictEqual(
        listened
          ? { round, code: cut.length > 0 ? 75 : 0, signal: null }
          : // Before the command listens the signal ends it as it ends any program; it had nothing in hand.
            { round, code: null, signal: 'SIGTERM' },
      );
    }
    await enlist('last', '-Q', 'celery,other');
    await Promise.all(sent.map(async (result) => await result.get({ timeout: withinMs * 2 })));
    for (const result of sent) await expect(result.state()).resolves.toBe('SUCCESS');

    const begunOnce = (): number => new Set(all.flatMap((one) => one.begun)).size;
    await waitFor(() => begunOnce() >= sent.length, { what: 'every task was said to have begun', withinMs });
    const begun = all.flatMap((one) => one.begun);
    const cut = new Set(all.flatMap((one) => one.cut));
    const twice = begun.filter((id, index) => begun.indexOf(id) !== index);
    expect(twice.filter((id) => !cut.has(id))).toStrictEqual([]);
    expect(begunOnce()).toBe(sent.length);
    // Otherwise nothing was shown.
    expect(cut.size).toBeGreaterThan(0);
    expect(all.filter((one) => one.begun.length > 0).length).toBeGreaterThan(rounds / 3);
  });
}

describeWith('redis-server', 'workers on Redis that are told to end', () => {
  describeShutdowns(Number(wanted || 20));
});

describeWith(['redis-server', 'rabbitmq-server'], 'workers on RabbitMQ that are told to end', () => {
  describeShutdowns(Number(wanted || 3), new RabbitServer());
});
