import { randomUUID } from 'node:crypto';
import { describeWith, waitFor } from '@lovage/services';
import { idOf, publicationOf, resultOf } from '../support/fault-messages.js';
import { RedisViews } from '../support/redis-views.js';
import { SentinelServers } from '../support/sentinel-servers.js';

const withinMs = 60_000;

describeWith('redis-server', 'a broker behind Sentinels', () => {
  const topology = new SentinelServers();
  const views = new RedisViews();
  const report: string[] = [];

  beforeAll(async () => await topology.start());
  afterEach(() => views.close());
  afterAll(async () => {
    await topology.close();
    process.stdout.write(`${report.join('\n')}\n`);
  });

  it.each(['in order', 'when the primary was killed'])(
    'consumes again after a failover %s, and knows the new primary',
    async (how) => {
      const { broker } = await views.open(`${topology.url}&lease=2s`);
      const caller = (await views.open(`${topology.url}&lease=2s`)).broker;
      if (broker === undefined || caller === undefined) throw new Error('no broker');
      const topologyOf = { queues: [{ name: 'q' }] };
      await broker.declare({ topology: topologyOf, deadline: views.deadline(withinMs) });
      const seen: string[] = [];
      await broker.consume({
        consumerId: randomUUID(),
        queues: ['q'],
        prefetch: 20,
        onDeliveries: (deliveries) => {
          seen.push(...deliveries.map(idOf));
          const settlements = deliveries.map((delivery) => ({
            delivery,
            verb: { kind: 'ack' as const },
            results: [resultOf(idOf(delivery), 'SUCCESS')],
            publishes: [],
            joins: [],
          }));
          broker.settle({ settlements, deadline: views.deadline(withinMs) }).catch(() => undefined);
        },
        onLost: () => undefined,
        deadline: views.deadline(withinMs),
      });
      const confirmed: string[] = [];
      const load = { going: true };
      let last = 0;
      const publishing = (async () => {
        for (; load.going || last < 50; last += 1) {
          const id = `${how} ${last}`;
          try {
            const outcomes = await caller.publish({
              publications: [publicationOf(id)],
              deadline: views.deadline(withinMs),
            });
            if (outcomes[0]?.kind === 'accepted') confirmed.push(id);
          } catch {
            // Not confirmed: nothing was promised.
          }
        }
      })();
      await waitFor(() => seen.length > 20, { withinMs, what: 'work is under way' });
      await (how === 'in order' ? topology.servers.failover() : topology.servers.killPrimary());
      const from = performance.now();
      const before = seen.length;
      await waitFor(() => seen.length > before, { withinMs, what: 'work goes on' });
      const resumedMs = Math.round(performance.now() - from);
      load.going = false;
      await publishing;
      const lastId = confirmed.at(-1) ?? '';
      await waitFor(() => seen.includes(lastId), { withinMs, what: 'the last confirmed message' });
      const left = async (): Promise<unknown[]> => [
        await topology.command('LLEN', 'q'),
        await topology.command('HLEN', 'unacked'),
      ];
      await waitFor(async () => (await left()).every((count) => count === 0), {
        withinMs,
        what: 'all have ended',
      });
      // Redis replicates later than it answers: what was lost is told, and no more is promised.
      const lost = confirmed.filter((id) => !seen.includes(id));
      const twice = seen.length - new Set(seen).size;
      report.push(
        `  failover ${how}: went on ${resumedMs} ms after the new primary was there; ${confirmed.length} confirmed, ${lost.length} lost, ${twice} twice`,
      );
      expect(lost.length).toBeLessThan(confirmed.length);
      expect(seen.filter((id) => !id.startsWith(how))).toStrictEqual([]);
    },
    120_000,
  );
});
