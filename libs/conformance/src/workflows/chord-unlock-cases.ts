import assert from 'node:assert/strict';
import type { TaskApp, TaskResult } from '@lovage/core';
import type { ConformanceCase } from '../conformance-case.js';
import type { Harness } from '../harness.js';
import { LifeScene, type LifeTasks } from '../task-life/life-scene.js';

/** What Celery's client sends for a chord where its result backend can not join: see `fallback_chord_unlock`. */
async function unlock(
  app: TaskApp,
  parts: readonly TaskResult[],
  kwargs: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly body: TaskResult; readonly next: TaskResult }> {
  const taskId = crypto.randomUUID();
  const next = crypto.randomUUID();
  const step = app.client.signature('sum', { args: [1], taskId: next });
  const errback = app.client.signature('note');
  const signature = app.client.signature('sum', { taskId }).link(step).linkError(errback).toJSON();
  const result = parts.map(({ id }) => [[id, null], null]);
  const known = { interval: 0.05, max_retries: null, result, ...kwargs };
  await app.client.send('celery.chord_unlock', { args: [crypto.randomUUID(), signature], kwargs: known });
  return { body: app.client.result(taskId), next: app.client.result(next) };
}

async function play(
  harness: Harness,
  action: (scene: LifeScene, app: TaskApp, calls: Calls) => Promise<void>,
): Promise<void> {
  const calls: Calls = { sums: [], notes: [], open: () => undefined };
  const opened = new Promise<void>((resolve) => {
    calls.open = resolve;
  });
  const tasks: LifeTasks = {
    give: (_task, value) => value,
    late: async (_task, value) => {
      await opened;
      return value;
    },
    fail: () => {
      throw new RangeError('bang');
    },
    sum: (_task, values, more = 0) => {
      calls.sums.push(values);
      return [values].flat(3).reduce((sum: number, value) => sum + Number(value), Number(more));
    },
    note: (_task, id) => {
      calls.notes.push(id);
    },
  };
  await LifeScene.play(harness, tasks, async (scene, app) => await action(scene, app, calls));
}

interface Calls {
  readonly sums: unknown[];
  readonly notes: unknown[];
  open: () => void;
}

/** `celery.chord_unlock`: a chord of a Celery client whose result backend counts no parts. */
export const chordUnlockCases: readonly ConformanceCase[] = [
  {
    name: 'a chord without a counter waits for its parts and gives the body their values in order',
    run: async (harness) =>
      await play(harness, async (scene, app, calls) => {
        const { client } = app;
        const parts = [await client.send('late', { args: [2] }), await client.send('give', { args: [3] })];
        const { body, next } = await unlock(app, parts);
        await scene.until('the second part has ended', async () => await (parts[1] as TaskResult).ready());
        await harness.advance(200);
        assert.deepEqual(calls.sums, []);
        calls.open();
        assert.equal(await scene.while(body.get()), 5);
        assert.equal(await scene.while(next.get()), 6);
        await scene.untilSettled();
        assert.deepEqual(calls.sums, [[2, 3], 5]);
      }),
  },
  {
    name: 'a chord without a counter ends with a ChordError when a part fails',
    run: async (harness) =>
      await play(harness, async (scene, app, calls) => {
        const { client } = app;
        const parts = [await client.send('give', { args: [2] }), await client.send('fail')];
        const { body } = await unlock(app, parts);
        const error = await scene.while(body.get().catch((thrown: unknown) => thrown));
        assert.ok(error instanceof Error);
        assert.equal(error.name, 'ChordError');
        assert.equal(error.message, `Dependency ${parts[1]?.id} raised RangeError('bang')`);
        await scene.until('the callback has run', () => calls.notes.length > 0);
        assert.deepEqual([calls.notes, calls.sums], [[body.id], []]);
      }),
  },
  {
    name: 'a chord without a counter that may not wait any longer ends',
    run: async (harness) =>
      await play(harness, async (scene, app, calls) => {
        const parts = [await app.client.send('late', { args: [2] })];
        const { body } = await unlock(app, parts, { max_retries: 2 });
        const error = await scene.while(body.get().catch((thrown: unknown) => thrown));
        assert.ok(error instanceof Error);
        await scene.until('the callback has run', () => calls.notes.length > 0);
        assert.deepEqual(calls.notes, [body.id]);
        calls.open();
        await scene.until('the part has ended', async () => await (parts[0] as TaskResult).ready());
        assert.deepEqual(calls.sums, []);
      }),
  },
];
