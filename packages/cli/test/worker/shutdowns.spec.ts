import { setTimeout as sleep } from 'node:timers/promises';
import { TaskApp, type TaskResult } from '@lovage/core';
import { type ChildProgram, describeWith, RedisServer } from '@lovage/services';
import { appPath, compileCommand, LovageCommands, withinMs } from '../support/lovage-command.js';

/** LOVAGE_SHUTDOWNS=200 npm test -- packages/cli/test/worker/shutdowns */
const rounds = Number(process.env['LOVAGE_SHUTDOWNS'] || 20);
const seed = Number(process.env['LOVAGE_SEED'] || 1);

// It builds before it starts; only a failing test waits that long.
jest.setTimeout(120_000 + rounds * 30_000);

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

/** Everything that a program said which this finds. */
const found = (program: ChildProgram, pattern: RegExp): readonly string[] =>
  [...program.output('stdout').matchAll(pattern)].map(([, text = '']) => text);

const begunBy = (program: ChildProgram): readonly string[] => found(program, /^begun (\S+)$/gm);
const cutBy = (program: ChildProgram): readonly string[] =>
  found(program, /cut and handed back: (.*)$/gm).flatMap((list) =>
    [...list.matchAll(/\[([^\]]+)\]/g)].map(([, id = '']) => id),
  );

describeWith('redis-server', 'workers that are told to end', () => {
  const redis = new RedisServer();
  const commands = new LovageCommands();
  const random = seeded(seed);
  const sent: TaskResult<number>[] = [];
  let client: TaskApp;

  beforeAll(async () => {
    await Promise.all([redis.start(), compileCommand()]);
    client = await TaskApp.create({ broker: redis.url, worker: false });
    await client.start();
  });

  afterAll(async () => {
    await commands.clear();
    await client.close();
    await redis.close();
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
    const steady = await commands.worker('tasks.mjs', [
      '-b',
      redis.url,
      '-Q',
      'celery',
      '-c',
      '2',
      '-n',
      'steady',
    ]);
    const programs = [steady];
    for (let round = 0; round < rounds; round += 1) {
      for (let count = 0; count < 10; count += 1) await send(random(60), 'celery');
      await send(longMs, 'other');
      const app = ['-A', appPath('tasks.mjs')];
      const args = [
        'worker',
        ...app,
        '-b',
        redis.url,
        '-Q',
        'celery,other',
        '-c',
        '4',
        '-n',
        `round${round}`,
      ];
      const worker = await commands.start([...args, ...drain]);
      programs.push(worker);
      await phase(round, worker);
      worker.signal('SIGTERM');
      const { code, signal } = await worker.exited;
      const cut = cutBy(worker);
      const listened = worker.output('stdout').includes('SIGTERM: warm shutdown');
      expect({ round, code, signal }).toStrictEqual(
        listened
          ? { round, code: cut.length > 0 ? 75 : 0, signal: null }
          : // Before the command listens the signal ends it as it ends any program; it had nothing in hand.
            { round, code: null, signal: 'SIGTERM' },
      );
    }
    programs.push(await commands.worker('tasks.mjs', ['-b', redis.url, '-Q', 'celery,other', '-n', 'last']));
    await Promise.all(sent.map(async (result) => await result.get({ timeout: withinMs * 2 })));
    for (const result of sent) await expect(result.state()).resolves.toBe('SUCCESS');

    const begun = programs.flatMap(begunBy);
    const cut = new Set(programs.flatMap(cutBy));
    const twice = begun.filter((id, index) => begun.indexOf(id) !== index);
    expect(twice.filter((id) => !cut.has(id))).toStrictEqual([]);
    expect(new Set(begun).size).toBe(sent.length);
    // Otherwise nothing was shown.
    expect(cut.size).toBeGreaterThan(0);
    expect(programs.filter((program) => begunBy(program).length > 0).length).toBeGreaterThan(rounds / 3);
  });
});
