import assert from 'node:assert/strict';
import { encodeTask, type TaskApp, type TaskContext } from '@lovage/core';
import { brokerOf } from '../harness.js';
import type { ConformanceCase } from '../conformance-case.js';
import { LifeScene, type LifeTasks } from './life-scene.js';

const untilAborted = async ({ signal }: TaskContext): Promise<never> =>
  await new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });

const playControlled = async (
  harness: Parameters<ConformanceCase['run']>[0],
  tasks: LifeTasks,
  action: (scene: LifeScene, app: TaskApp) => Promise<void>,
): Promise<void> => await LifeScene.play(harness, tasks, action, { remoteControl: true });

const timeout = '30s';

/** Celery's control commands, from one process to the workers of others. */
export const controlCases: readonly ConformanceCase[] = [
  {
    name: 'workers answer a ping: all, or those that it is for',
    run: async (harness) => {
      await playControlled(harness, {}, async (scene, app) => {
        const { app: other } = await scene.start();
        const names = [app, other].map(({ worker }) => worker?.hostname ?? '');
        const all = await scene.while(app.control.ping({ destination: names, timeout }));
        assert.deepEqual(Object.keys(all).toSorted(), names.toSorted());
        assert.deepEqual(all[names[0] ?? ''], { ok: 'pong' });
        const [, second] = names;
        const one = await scene.while(app.control.ping({ destination: [second ?? ''], timeout }));
        assert.deepEqual(one, { [second ?? '']: { ok: 'pong' } });
        const none = await scene.while(app.control.ask('no_such_command', {}, { timeout: 0.2 }));
        assert.deepEqual(none, {});
      });
    },
  },
  {
    name: 'a worker obeys revoke and terminate, remembers them, and tells in its answer what it has ended',
    run: async (harness) => {
      let begun = 0;
      const tasks = {
        long: async (task: TaskContext) => {
          begun += 1;
          await untilAborted(task);
        },
        quick: () => 'ran',
      };
      await playControlled(harness, tasks, async (scene, app) => {
        const node = app.worker?.hostname ?? '';
        const destination = [node];
        const long = await app.client.send('long');
        const later = await app.client.send('quick', { countdown: 0.4 });
        await scene.until('it runs', () => begun === 1);
        const revoked = await scene.while(
          app.control.ask('revoke', { task_id: later.id }, { destination, timeout }),
        );
        assert.deepEqual(revoked[node], { ok: `tasks ${later.id} flagged as revoked` });
        const ended = await scene.while(
          app.control.ask('terminate', { task_id: [long.id], signal: 'TERM' }, { destination, timeout }),
        );
        assert.deepEqual(ended[node], { ok: `terminate: ${long.id}` });
        await scene.untilState(long, 'REVOKED');
        await scene.untilState(later, 'REVOKED');
        const again = await scene.while(
          app.control.ask('terminate', { task_id: [long.id], signal: 'TERM' }, { destination, timeout }),
        );
        assert.deepEqual(again[node], { ok: 'terminate: tasks unknown' });
      });
    },
  },
  {
    name: 'a worker takes new time limits for a task that it knows',
    run: async (harness) => {
      await playControlled(harness, { long: untilAborted }, async (scene, app) => {
        const node = app.worker?.hostname ?? '';
        const options = { destination: [node], timeout } as const;
        const set = await scene.while(app.control.timeLimit('long', { hard: 0.1 }, options));
        assert.deepEqual(set[node], { ok: 'time limits set successfully' });
        const unknown = await scene.while(app.control.timeLimit('unknown', { hard: 0.1 }, options));
        assert.deepEqual(unknown[node], { error: 'unknown task' });
        await scene.untilState(await app.client.send('long'), 'FAILURE');
      });
    },
  },
  {
    name: 'tasks are revoked by a stamp that they carry: waiting, running, and sent later',
    run: async (harness) => {
      const runs: string[] = [];
      const tasks = {
        long: async (task: TaskContext) => {
          runs.push(task.id);
          await untilAborted(task);
        },
      };
      await playControlled(harness, tasks, async (scene, app) => {
        const send = async (tenant: string): Promise<string> => {
          const id = harness.name(tenant);
          await publishStamped(harness, scene.queue, id, { tenant: [tenant] });
          return id;
        };
        const [acme, other] = [await send('acme'), await send('other')];
        await scene.until('both run', () => runs.length === 2);
        await app.client.revokeByStampedHeaders({ tenant: ['acme'] }, { terminate: true });
        await scene.untilState(app.client.result(acme), 'REVOKED');
        await scene.untilState(app.client.result(await send('acme')), 'REVOKED');
        assert.equal(runs.length, 2);
        await app.client.revokeByStampedHeaders({ tenant: 'other' }, { terminate: true });
        await scene.untilState(app.client.result(other), 'REVOKED');
      });
    },
  },
  {
    name: 'who revokes is told what became of the tasks',
    run: async (harness) => {
      const tasks = { long: untilAborted, quick: () => 1 };
      await playControlled(harness, tasks, async (scene, app) => {
        const [done, running, delayed] = [
          await app.client.send('quick'),
          await app.client.send('long'),
          await app.client.send('quick', { countdown: '1h' }),
        ];
        await scene.untilState(done, 'SUCCESS');
        await scene.until('it runs', () => (app.worker?.activeCount ?? 0) === 1);
        assert.deepEqual(await scene.while(app.client.revoke([done.id, delayed.id])), [
          { taskId: done.id, outcome: 'over', state: 'SUCCESS' },
          { taskId: delayed.id, outcome: 'recorded', state: 'PENDING' },
        ]);
        assert.deepEqual(await scene.while(running.revoke({ terminate: true, wait: timeout })), {
          taskId: running.id,
          outcome: 'over',
          state: 'REVOKED',
        });
      });
    },
  },
];

async function publishStamped(
  harness: Parameters<ConformanceCase['run']>[0],
  queue: string,
  id: string,
  stamps: Readonly<Record<string, unknown>>,
): Promise<void> {
  const message = encodeTask(
    {
      id,
      task: 'long',
      args: [],
      kwargs: {},
      embed: { callbacks: null, errbacks: null, chain: null, chord: null },
      retries: 0,
      rootId: id,
      stamps,
    },
    { serializer: 'json', limits: { maxBytes: 1e6, maxDecompressedBytes: 1e6, maxDepth: 64 } },
  );
  const publications = [{ message, exchange: '', routingKey: queue }];
  await brokerOf(harness.view).publish({ publications, deadline: harness.deadline() });
}
