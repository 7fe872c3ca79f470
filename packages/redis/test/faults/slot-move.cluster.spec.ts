import { randomUUID } from 'node:crypto';
import { describeWith, type RedisServer, waitFor } from '@lovage/services';
import { idOf, publicationOf } from '../support/fault-messages.js';
import { ClusterNodes } from '../support/cluster-nodes.js';
import { RedisViews } from '../support/redis-views.js';

const withinMs = 60_000;

describeWith('redis-server', 'a broker on a cluster', () => {
  const nodes = new ClusterNodes();
  const views = new RedisViews();

  beforeAll(async () => await nodes.start());
  afterAll(async () => {
    views.close();
    await nodes.close();
  });

  /** Moves everything of ours to another node, as an operator does. */
  async function move(from: RedisServer, to: RedisServer): Promise<void> {
    const slot = Number(await from.command('CLUSTER', 'KEYSLOT', nodes.keyPrefix));
    const [source, target] = await Promise.all(
      [from, to].map(async (node) => String(await node.command('CLUSTER', 'MYID'))),
    );
    await to.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', source ?? '');
    await from.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', target ?? '');
    for (;;) {
      const keys = (await from.command('CLUSTER', 'GETKEYSINSLOT', slot, 100)) as readonly string[];
      if (keys.length === 0) break;
      await from.command('MIGRATE', '127.0.0.1', to.port, '', 0, 10_000, 'KEYS', ...keys);
    }
    for (const node of [to, from, ...nodes.cluster.nodes])
      await node.command('CLUSTER', 'SETSLOT', slot, 'NODE', target ?? '');
  }

  it('loses nothing and does nothing twice while its keys move to another node and back', async () => {
    const url = `${nodes.url}&keyPrefix=${encodeURIComponent(nodes.keyPrefix)}`;
    const [worker, caller] = [(await views.open(url)).broker, (await views.open(url)).broker];
    if (worker === undefined || caller === undefined) throw new Error('no broker');
    await worker.declare({ topology: { queues: [{ name: 'q' }] }, deadline: views.deadline() });
    const seen: string[] = [];
    const settled: Promise<unknown>[] = [];
    await worker.consume({
      consumerId: randomUUID(),
      queues: ['q'],
      prefetch: 10,
      onDeliveries: (deliveries) => {
        seen.push(...deliveries.map(idOf));
        const settlements = deliveries.map((delivery) => ({
          delivery,
          verb: { kind: 'ack' as const },
          results: [],
          publishes: [],
          joins: [],
        }));
        settled.push(worker.settle({ settlements, deadline: views.deadline(withinMs) }));
      },
      onLost: () => undefined,
      deadline: views.deadline(),
    });
    const home = await nodes.cluster.nodeOf(nodes.keyPrefix);
    const away = nodes.cluster.nodes.find((node) => node !== home);
    if (away === undefined) throw new Error('there is one node only');
    const sent: string[] = [];
    const load = { going: true };
    const publishing = (async () => {
      for (let n = 0; load.going || n < 50; n += 1) {
        await caller.publish({
          publications: [publicationOf(`task-${n}`)],
          deadline: views.deadline(withinMs),
        });
        sent.push(`task-${n}`);
      }
    })();
    for (const [from, to] of [
      [home, away],
      [away, home],
    ] as const) {
      const before = seen.length;
      await waitFor(() => seen.length > before + 10, { withinMs, what: 'work is under way' });
      await move(from, to);
      const after = seen.length;
      await waitFor(() => seen.length > after, { withinMs, what: 'work goes on' });
    }
    load.going = false;
    await publishing;
    await waitFor(() => seen.length >= sent.length, { withinMs, what: 'all are delivered' });
    await Promise.all(settled);
    expect(seen.toSorted()).toStrictEqual(sent.toSorted());
  }, 120_000);
});
