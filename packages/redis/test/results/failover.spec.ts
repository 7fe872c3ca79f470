import type { ResultStore, StoredResult } from '@lovage/core';
import { describeWith, waitFor } from '@lovage/services';
import { RedisViews } from '../support/redis-views.js';
import { SentinelServers } from '../support/sentinel-servers.js';

const withinMs = 60_000;

const result = (taskId: string, state: string): StoredResult => ({
  taskId,
  state,
  document: `{"status":"${state}","task_id":"${taskId}"}`,
});

describeWith('redis-server', 'the result store behind Sentinels', () => {
  const topology = new SentinelServers();
  const views = new RedisViews();
  let results: ResultStore;

  beforeAll(async () => {
    await topology.start();
    results = (await views.open(topology.url)).results as ResultStore;
  });

  afterAll(async () => {
    views.close();
    await topology.close();
  });

  it.each(['in order', 'when the primary was killed'])('goes on with the new primary: %s', async (how) => {
    const told: string[] = [];
    const watch = results.watch({ listener: ({ taskId, state }) => told.push(`${taskId} ${state}`) });
    const [before, after] = [`before ${how}`, `after ${how}`];
    await results.put({ results: [result(before, 'SUCCESS')], deadline: views.deadline() });
    await watch.add({ taskIds: [after], deadline: views.deadline() });
    // What a replica does not have yet is lost with the primary: Redis promises no more.
    const copied = async (): Promise<boolean> => {
      const key = `celery-task-meta-${before}`;
      const found = await Promise.all(
        topology.servers.servers.map(async (server) => await server.command('EXISTS', key).catch(() => 1)),
      );
      return found.every((count) => count === 1);
    };
    await waitFor(copied, { withinMs, what: 'the replicas to have the record' });
    const successor = await (how === 'in order'
      ? topology.servers.failover()
      : topology.servers.killPrimary());
    const outcomes = await results.put({
      results: [result(after, 'SUCCESS')],
      deadline: views.deadline(withinMs),
    });
    expect(outcomes).toStrictEqual([{ kind: 'stored' }]);
    await waitFor(() => told.length > 0, { withinMs, what: 'the record to be told' });
    expect(told).toStrictEqual([`${after} SUCCESS`]);
    expect(await successor.command('EXISTS', `celery-task-meta-${after}`)).toBe(1);
    const [kept] = await results.get({ taskIds: [before], deadline: views.deadline(withinMs) });
    expect(kept?.state).toBe('SUCCESS');
    watch.close();
  });
});
