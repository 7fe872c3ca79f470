import assert from 'node:assert/strict';
import type { AppOptions, Routes, TaskContext } from '@lovage/core';
import { rejectsCoded } from '../coded-error.js';
import type { ConformanceCase } from '../conformance-case.js';
import type { Harness } from '../harness.js';
import { gate } from '../task-life/gate.js';
import { LifeScene } from '../task-life/life-scene.js';

/** What ran, in order: the queue that it came from, and the first argument. */
interface Noted {
  readonly queue: string;
  readonly what: unknown;
}

/** An app whose task `note` writes down what it was called with. */
async function play(
  harness: Harness,
  options: Omit<AppOptions, 'worker'> & { readonly worker?: object },
  action: (
    scene: LifeScene,
    send: (
      what: string,
      to?: { readonly queue?: string; readonly exchange?: string; readonly routingKey?: string },
    ) => Promise<unknown>,
    noted: readonly Noted[],
  ) => Promise<void>,
  before: () => Promise<void> = async () => undefined,
): Promise<void> {
  const noted: Noted[] = [];
  const note = (task: TaskContext, what: unknown): void => {
    noted.push({ queue: task.queue, what });
  };
  await LifeScene.play(
    harness,
    { note: { run: note, ignoreResult: true }, block: { run: before, ignoreResult: true } },
    async (scene, app) => {
      const send = async (what: string, to: object = {}): Promise<unknown> =>
        await app.client.send(what === 'block' ? 'block' : 'note', { args: [what], ...to });
      await action(scene, send, noted);
    },
    options,
  );
}

const whats = (noted: readonly Noted[]): readonly unknown[] => noted.map(({ what }) => what);

/** Routes that say the same in other words. */
const waysToRoute: readonly { readonly words: string; readonly routes: (queue: string) => Routes }[] = [
  { words: 'the name of the task', routes: (queue) => ({ note: queue }) },
  { words: 'a pattern', routes: (queue) => [['no*', { queue }]] },
  { words: 'an expression', routes: (queue) => [[/^n/, { queue }]] },
  {
    words: 'a function',
    routes:
      (queue) =>
      ({ task, args }) =>
        args[0] === 'x' && task === 'note' ? queue : undefined,
  },
];

/** Where calls go, and what workers take: the same on every broker. */
export const destinationCases: readonly ConformanceCase[] = [
  ...waysToRoute.map(
    ({ words, routes }): ConformanceCase => ({
      name: `a call goes where ${words} leads, and where the call itself says`,
      run: async (harness) => {
        const [routed, named] = [harness.name('routed'), harness.name('named')];
        const options = { routes: routes(routed), worker: { queues: [routed, named] } };
        await play(harness, options, async (scene, send, noted) => {
          await send('x');
          await send('y', { queue: named });
          await scene.until('both have run', () => noted.length === 2);
          assert.deepEqual(
            noted.toSorted((one, other) => String(one.what).localeCompare(String(other.what))),
            [
              { queue: routed, what: 'x' },
              { queue: named, what: 'y' },
            ],
          );
        });
      },
    }),
  ),
  {
    name: 'a call goes to an exchange with its key, by a route or by itself',
    run: async (harness) => {
      const [exchange, images, all] = [harness.name('media'), harness.name('images'), harness.name('all')];
      const options = {
        exchanges: [{ name: exchange, type: 'topic' as const }],
        queues: [images, all],
        bindings: [
          { queue: images, exchange, routingKey: 'image.*' },
          { queue: all, exchange, routingKey: '#' },
        ],
        routes: { note: { exchange, routingKey: 'image.png' } },
      };
      await play(harness, options, async (scene, send, noted) => {
        await send('image');
        await send('video', { exchange, routingKey: 'video.mp4' });
        await scene.until('all have run', () => noted.length === 3);
        const ran = noted.map(({ queue, what }) => `${queue} ${String(what)}`).toSorted();
        assert.deepEqual(ran, [`${all} image`, `${all} video`, `${images} image`].toSorted());
      });
    },
  },
  {
    name: 'a queue that is not declared is made for a call, unless the app does not want that',
    run: async (harness) => {
      const options = { queues: [harness.name('own')], createMissingQueues: false };
      await play(harness, options, async (_scene, send) => {
        const queue = harness.name('missing');
        await rejectsCoded(async () => await send('x', { queue }), 'a call to no queue', 'LOVAGE_UNROUTABLE');
      });
      await play(harness, {}, async (scene, send, noted) => {
        const queue = harness.name('made');
        await send('x', { queue });
        assert.deepEqual(noted, []);
        await send('y');
        await scene.until('what it consumes has run', () => noted.length === 1);
        assert.deepEqual(whats(noted), ['y']);
      });
    },
  },
  {
    name: 'every worker gets a broadcast, as long as it is there',
    run: async (harness) => {
      const reload = harness.name('reload');
      const options = { queues: [{ name: reload, broadcast: true }] };
      await play(harness, options, async (scene, send, noted) => {
        const second = await scene.start();
        await send('both', { queue: reload });
        await scene.until('both have run it', () => noted.length === 2);
        assert.equal(new Set(noted.map(({ queue }) => queue)).size, 2);
        await scene.stopOne(second.app);
        await send('one', { queue: reload });
        await scene.until('the one that is left has run it', () => noted.length === 3);
        await send('last', { queue: reload });
        await scene.until('it goes on', () => noted.length === 4);
        assert.deepEqual(whats(noted), ['both', 'both', 'one', 'last']);
      });
    },
  },
  {
    name: 'a worker that wants an order begins what is in the first of its queues first',
    run: async (harness) => {
      const queues = [harness.name('urgent'), harness.name('daily'), harness.name('some-day')];
      const begun = gate();
      const door = gate();
      const block = async (): Promise<void> => {
        begun.open();
        await door.opened;
      };
      // Room for all of each queue, so that everything is in hand when the door opens.
      const worker = { queues, queueOrder: 'priority', concurrency: 1, prefetch: 10 };
      await play(
        harness,
        { worker },
        async (scene, send, noted) => {
          await send('block', { queue: queues[2] as string });
          await scene.while(begun.opened);
          for (const queue of queues.toReversed()) {
            for (let count = 0; count < 3; count += 1) await send(`${count}`, { queue });
          }
          const waiting = (): number => scene.workers.reduce((sum, one) => sum + one.waitingCount, 0);
          await scene.until('all are in hand', () => waiting() === 9);
          door.open();
          await scene.until('all have run', () => noted.length === 9);
          assert.deepEqual(
            noted.map(({ queue }) => queue),
            queues.flatMap((queue) => [queue, queue, queue]),
          );
        },
        block,
      );
    },
  },
];
