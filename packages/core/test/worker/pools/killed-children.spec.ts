import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Deadline } from '../../../src/clock/deadline.js';
import type { LovageEvent } from '../../../src/events/task-event.js';
import { makeApp } from '../../support/pool-app.js';
import { PoolPrograms } from '../../support/pool-programs.js';

let programs: PoolPrograms;
let folder: string;

beforeAll(async () => {
  const parent = fileURLToPath(new URL('../../support/pool-parent.ts', import.meta.url));
  programs = await PoolPrograms.build({ 'pool-parent': parent });
  folder = mkdtempSync(join(tmpdir(), 'lovage-evidence-'));
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await programs.remove();
});

const pidOf = (child: string): number => Number(/^process (\d+)$/.exec(child)?.[1]);

/** A process that has ended and that nobody has asked about is still in the table. */
function isAlive(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.startsWith('Z') === false;
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise<void>((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}

/** Each kill makes a process, which takes seconds on a busy machine. */
const generousMs = 180_000;

describe('children that are killed under load', () => {
  it.each([1, 4])(
    'cost no task, with %d tasks in each',
    async (concurrencyPerChild) => {
      const kills = 6;
      const file = join(folder, `evidence-${concurrencyPerChild}`);
      writeFileSync(file, '');
      const entry = { module: programs.urlOf('pool-app'), export: 'makeApp', data: { file } };
      // No message is parked: each kill may meet the same one.
      const worker = {
        pool: 'processes',
        concurrency: 2,
        concurrencyPerChild,
        entry,
        maxDeliveries: 1000,
      } as const;
      const app = await makeApp({ options: { worker } }, { childPrograms: programs.children });
      const events: LovageEvent[] = [];
      app.events.listen((event) => events.push(event));
      try {
        await app.start();
        let killed = 0;
        const sent = new Map<string, Promise<unknown>>();
        let ended = 0;
        const allKilled = (): boolean => killed >= kills;
        const lane = async (number: number): Promise<void> => {
          // Goes on until enough have been killed, and a while after that.
          for (let more = 20; more > 0; more -= allKilled() ? 1 : 0) {
            const result = await app.client.send('account', { args: [(number * 7) % 5] });
            const got = result.get({ timeout: '60s' });
            sent.set(result.id, got);
            await got;
            ended += 1;
          }
        };
        const killer = async (): Promise<void> => {
          for (; killed < kills; killed += 1) {
            const wanted = ended + 5;
            await until(() => ended >= wanted);
            const children = app.worker?.poolChildren ?? [];
            const victim = children[killed % children.length];
            if (victim !== undefined) process.kill(pidOf(victim), 'SIGKILL');
          }
        };
        await Promise.all([
          killer(),
          ...Array.from({ length: 3 * concurrencyPerChild }, async (_, at) => await lane(at)),
        ]);
        await Promise.all(sent.values());

        const evidence = readFileSync(file, 'utf8').trim().split('\n');
        const idsOf = (word: string): string[] =>
          evidence.filter((line) => line.startsWith(word)).map((line) => line.slice(word.length + 1));
        // Every task ran to its end, and none that nobody sent.
        expect(new Set(idsOf('ended'))).toEqual(new Set(sent.keys()));
        const lost = events.flatMap((event) =>
          event.type === 'worker-problem' && event.taskId !== undefined ? [event.taskId] : [],
        );
        // What was begun more than once was lost with a child as often; what was killed cost nobody else.
        const times = (ids: readonly string[], id: string): number =>
          ids.filter((other) => other === id).length;
        const begun = idsOf('begun');
        for (const id of sent.keys()) expect(times(begun, id)).toBeLessThanOrEqual(1 + times(lost, id));
        expect(lost.length).toBeLessThanOrEqual(kills * concurrencyPerChild);
      } finally {
        await app.stop(Deadline.in(app.clock, 0));
      }
    },
    generousMs,
  );
});

describe('children whose parent is killed', () => {
  it(
    'end, also one that is busy',
    async () => {
      const parent = spawn(process.execPath, [fileURLToPath(programs.urlOf('pool-parent'))], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, NODE_OPTIONS: '' },
      });
      let pids: readonly number[] = [];
      try {
        const exited = once(parent, 'exit');
        const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
        pids = line.replace('children ', '').split(', ').map(pidOf);
        expect(pids.map(isAlive)).toEqual([true, true]);
        parent.kill('SIGKILL');
        await exited;
        await until(() => !pids.some(isAlive));
      } finally {
        parent.kill('SIGKILL');
        for (const pid of pids.filter(isAlive)) process.kill(pid, 'SIGKILL');
      }
    },
    generousMs,
  );
});
