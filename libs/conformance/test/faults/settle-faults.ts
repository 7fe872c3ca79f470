import type { Broker, Settlement } from '@lovage/core';
import { brokerFault } from './broker-fault.js';
import { altered, type Fault } from './fault.js';

const settlements = (name: string, noticedBy: string, change: (one: Settlement) => Settlement): Fault =>
  brokerFault(name, noticedBy, (real) => ({
    settle: async (params) => await real.settle({ ...params, settlements: params.settlements.map(change) }),
  }));

const verb = (one: Settlement, kind: Settlement['verb']['kind'], instead: Settlement['verb']): Settlement =>
  one.verb.kind === kind ? { ...one, verb: instead } : one;

/** Ways to settle wrongly. */
export const settleFaults: readonly Fault[] = [
  settlements('does not acknowledge', 'removes an acknowledged message for good', (one) =>
    verb(one, 'ack', { kind: 'requeue' }),
  ),
  settlements(
    'loses requeued messages',
    'puts a requeued message behind the others and counts the delivery',
    (one) => verb(one, 'requeue', { kind: 'ack' }),
  ),
  settlements(
    'puts requeued messages first',
    'puts a requeued message behind the others and counts the delivery',
    (one) => verb(one, 'requeue', { kind: 'release' }),
  ),
  settlements(
    'requeues without the delay',
    'requeues with a delay: not before its time, counted, marked as delivered before',
    (one) => verb(one, 'requeue', { kind: 'requeue' }),
  ),
  settlements(
    'counts releases as deliveries',
    'delivers a released message next, where it says so, marked as delivered before, and does not count it',
    (one) => verb(one, 'release', { kind: 'requeue' }),
  ),
  settlements(
    'drops parked messages',
    'takes a parked message out of its queue for good, and keeps it with the reason',
    (one) => verb(one, 'park', { kind: 'ack' }),
  ),
  settlements(
    'loses the reason of parked messages',
    'takes a parked message out of its queue for good, and keeps it with the reason',
    (one) => verb(one, 'park', { kind: 'park', reason: { code: '', text: '' } }),
  ),
  settlements(
    'forgets results of settlements',
    'stores results and publishes messages together with the end of a delivery',
    (one) => ({ ...one, results: [] }),
  ),
  settlements(
    'forgets messages that follow',
    'stores results and publishes messages together with the end of a delivery',
    (one) => ({ ...one, publishes: [] }),
  ),
  settlements(
    'forgets joins of settlements',
    'counts parts of a chord with settlements; exactly one is told that it is complete',
    (one) => ({ ...one, joins: [] }),
  ),
  brokerFault('accepts a second settlement', 'finds a second settlement of a delivery lost', (real) => ({
    settle: async (params) => (await real.settle(params)).map(() => ({ kind: 'settled' })),
  })),
  brokerFault(
    'fails a whole batch for one lost settlement',
    'gives the outcomes of a batch in its order; a lost one leaves the others alone',
    (real) => ({
      settle: async (params) => {
        const outcomes = await real.settle(params);
        return outcomes.some(({ kind }) => kind === 'lost')
          ? outcomes.map(() => ({ kind: 'lost' }))
          : outcomes;
      },
    }),
  ),
  brokerFault(
    'settles a batch from the end',
    'commits the settlements of a batch in their order',
    (real) => ({
      settle: async (params) =>
        (await real.settle({ ...params, settlements: params.settlements.toReversed() })).toReversed(),
    }),
  ),
  brokerFault(
    'swallows deliveries that it has not made',
    'refuses a delivery that it has not made, and settles nothing of that batch',
    (real) => ({
      settle: async (params) =>
        await real.settle(params).catch(() => params.settlements.map(() => ({ kind: 'lost' }))),
    }),
  ),
  brokerFault(
    'publishes what belongs to a lost settlement',
    'lets nothing of a lost settlement take effect',
    (real) => ({
      settle: async (params) => {
        const outcomes = await real.settle(params);
        const lost = params.settlements.filter((_, index) => outcomes[index]?.kind === 'lost');
        await real.publish({
          publications: lost.flatMap(({ publishes }) => publishes),
          deadline: params.deadline,
        });
        return outcomes;
      },
    }),
  ),
  {
    name: 'stores the results of a lost settlement',
    noticedBy: 'lets nothing of a second settlement take effect',
    break: (view) => {
      const { broker: real, results } = view;
      if (real === undefined || results === undefined) return view;
      const settle: Broker['settle'] = async (params) => {
        const outcomes = await real.settle(params);
        const lost = params.settlements.filter((_, index) => outcomes[index]?.kind === 'lost');
        await results.put({ results: lost.flatMap((one) => one.results), deadline: params.deadline });
        return outcomes;
      };
      return { ...view, broker: altered(real, { settle }) };
    },
  },
  {
    name: 'counts the parts of a lost settlement',
    noticedBy: 'lets nothing of a lost settlement take effect',
    break: (view) => {
      const { broker: real, results } = view;
      if (real === undefined || results === undefined) return view;
      const settle: Broker['settle'] = async (params) => {
        const outcomes = await real.settle(params);
        const lost = params.settlements.filter((_, index) => outcomes[index]?.kind === 'lost');
        for (const part of lost.flatMap(({ joins }) => joins))
          await results.join({ part, deadline: params.deadline });
        return outcomes;
      };
      return { ...view, broker: altered(real, { settle }) };
    },
  },
];
