import assert from 'node:assert/strict';
import { Reject } from '@lovage/core';
import type { ConformanceCase } from '../conformance-case.js';
import { LifeScene } from './life-scene.js';

const bystanders = 100;
const maxDeliveries = 5;

/** A message that kills every worker that runs it. */
export const poisonCases: readonly ConformanceCase[] = [
  {
    name: 'a message that kills its workers is parked, and no other that was in hand with it',
    run: async (harness) => {
      let strikes = 0;
      let struck = false;
      const done = new Set<unknown>();
      const scene = new LifeScene(
        harness,
        {
          poison: async () => {
            strikes += 1;
            struck = true;
            await new Promise(() => undefined);
          },
          // What comes behind the poison does not end before the worker is dead.
          bystander: async (_task, number) => {
            await new Promise<void>((resolve) => {
              harness.clock.after(100, resolve);
            });
            if (struck) await new Promise(() => undefined);
            done.add(number);
          },
        },
        { worker: { maxDeliveries, drainTimeout: 0 } },
      );
      try {
        const { app: sender } = await scene.start({ worker: false });
        const send = async (from: number, to: number): Promise<void> => {
          const numbers = Array.from({ length: to - from }, (_, index) => from + index);
          await Promise.all(
            numbers.map(async (number) => {
              await sender.client.send('bystander', { args: [number], ignoreResult: true });
            }),
          );
        };
        await send(0, 5);
        const poison = await sender.client.send('poison');
        await send(5, bystanders);
        for (let life = 0; life <= maxDeliveries + 1; life += 1) {
          const before = strikes;
          struck = false;
          const { app } = await scene.start();
          await scene.until(
            'it was killed, or nothing is left to do',
            async () => strikes > before || ((await scene.parked()).length > 0 && done.size === bystanders),
          );
          if (strikes === before) break;
          await scene.crash(app);
        }
        assert.equal(strikes, maxDeliveries);
        assert.deepEqual(
          (await scene.parked()).map(({ message, reason }) => [message.headers['id'], reason?.code]),
          [[poison.id, 'LOVAGE_TASK_POISONOUS']],
        );
        assert.equal(done.size, bystanders);
        await scene.untilSettled();
      } finally {
        await scene.stop();
      }
    },
  },
  {
    name: 'a message that only waits, since it came so often, is not blamed when its worker dies of something else',
    run: async (harness) => {
      const seen: number[] = [];
      let lives = 0;
      const scene = new LifeScene(
        harness,
        {
          long: async () => {
            if (lives === 1) await new Promise(() => undefined);
          },
          suspect: async ({ deliveries }) => {
            seen.push(deliveries);
            if (deliveries < 3) throw new Reject('once more', { requeue: true });
          },
        },
        { worker: { maxDeliveries, drainTimeout: 0 } },
      );
      try {
        const { app: sender } = await scene.start({ worker: false });
        await sender.client.send('long');
        lives = 1;
        const { app } = await scene.start();
        await scene.until('the worker runs a task', () => app.worker?.activeCount === 1);
        await sender.client.send('suspect');
        await scene.until('the suspect has come twice', () => seen.length >= 2);
        // It comes once more, and waits for the task that runs.
        await harness.quiet();
        await harness.advance(200);
        lives = 2;
        await scene.crash(app);
        await scene.start();
        await scene.until('it has run', () => seen.length >= 3);
        await scene.untilSettled();
        assert.deepEqual(seen, [1, 2, 3]);
        assert.deepEqual(await scene.parked(), []);
      } finally {
        await scene.stop();
      }
    },
  },
];
