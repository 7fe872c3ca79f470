import assert from 'node:assert/strict';
import type { TopologyArguments } from '@lovage/core';
import { rejectsCoded } from '../coded-error.js';
import type { ConformanceCase } from '../conformance-case.js';
import { brokerOf, type Harness } from '../harness.js';
import { sampleMessage } from '../sample-message.js';
import { Taker } from '../taker.js';
import { declare, kindsOf, publish } from './queues.js';

/** What a binding of a headers exchange finds, as in AMQP 0-9-1. */
const matches: readonly {
  readonly what: string;
  readonly wanted: TopologyArguments;
  readonly finds: readonly Readonly<Record<string, unknown>>[];
  readonly leaves: readonly Readonly<Record<string, unknown>>[];
}[] = [
  {
    what: 'all of its headers, where it does not say otherwise',
    wanted: { kind: 'image', size: 3 },
    finds: [
      { kind: 'image', size: 3 },
      { kind: 'image', size: 3, more: true },
    ],
    leaves: [{ kind: 'image' }, { kind: 'image', size: 4 }, {}],
  },
  {
    what: 'all of its headers',
    wanted: { 'x-match': 'all', kind: 'image', large: true },
    finds: [{ kind: 'image', large: true }],
    leaves: [{ kind: 'image', large: false }, { large: true }, { kind: 'video', large: true }],
  },
  {
    what: 'any of its headers',
    wanted: { 'x-match': 'any', kind: 'image', large: true },
    finds: [{ kind: 'image' }, { kind: 'video', large: true }],
    leaves: [{ kind: 'video' }, {}],
  },
];

/** Skips nothing: a broker without headers exchanges must say so. */
async function refused(harness: Harness): Promise<boolean> {
  if (brokerOf(harness.view).capabilities.exchangeTypes.includes('headers')) return false;
  await rejectsCoded(
    async () => await declare(harness, { exchanges: [{ name: harness.name('headers'), type: 'headers' }] }),
    'declaring a headers exchange',
    'LOVAGE_CAPABILITY_MISSING',
  );
  return true;
}

async function bind(harness: Harness, exchange: string, wanted: TopologyArguments): Promise<Taker> {
  const name = harness.name('queue');
  await declare(harness, {
    exchanges: [{ name: exchange, type: 'headers' }],
    queues: [{ name }],
    bindings: [{ queue: name, exchange, routingKey: '', arguments: wanted }],
  });
  return await Taker.acking(harness, { queues: [name] });
}

async function send(
  harness: Harness,
  exchange: string,
  all: readonly Readonly<Record<string, unknown>>[],
  stem: string,
): Promise<readonly string[]> {
  return kindsOf(
    await publish(
      harness,
      all.map((headers, index) => {
        const message = sampleMessage({ id: `${stem}-${index}` });
        return {
          message: { ...message, headers: { ...message.headers, ...headers } },
          exchange,
          routingKey: 'ignored',
        };
      }),
    ),
  );
}

const matchCases = matches.map(
  ({ what, wanted, finds, leaves }): ConformanceCase => ({
    name: `gives a message of a headers exchange to a binding that finds ${what}`,
    run: async (harness) => {
      if (await refused(harness)) return;
      const exchange = harness.name('headers');
      const taker = await bind(harness, exchange, wanted);
      assert.deepEqual(
        await send(harness, exchange, finds, 'found'),
        finds.map(() => 'accepted'),
      );
      assert.deepEqual(
        await send(harness, exchange, leaves, 'left'),
        leaves.map(() => 'unroutable'),
      );
      await taker.staysAt(finds.length, 'only messages with the headers should be delivered');
      assert.deepEqual(
        taker.ids.toSorted(),
        finds.map((_, index) => `found-${index}`),
      );
    },
  }),
);

/** Headers exchanges, or the error where the broker has none. */
export const headersCases: readonly ConformanceCase[] = [
  ...matchCases,
  {
    name: 'gives a message of a headers exchange to each queue that is bound by other headers, once',
    run: async (harness) => {
      if (await refused(harness)) return;
      const exchange = harness.name('headers');
      const images = await bind(harness, exchange, { kind: 'image' });
      const large = await bind(harness, exchange, { large: true });
      await send(
        harness,
        exchange,
        [{ kind: 'image' }, { kind: 'image', large: true }, { large: true }],
        'm',
      );
      await images.staysAt(2, 'each queue should get what its binding asks for');
      await large.staysAt(2, 'each queue should get what its binding asks for');
      assert.deepEqual(images.ids.toSorted(), ['m-0', 'm-1']);
      assert.deepEqual(large.ids.toSorted(), ['m-1', 'm-2']);
    },
  },
];
