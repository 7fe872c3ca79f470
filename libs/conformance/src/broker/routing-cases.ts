import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { ExchangeType } from '@lovage/core';
import { rejectsCoded } from '../coded-error.js';
import type { ConformanceCase } from '../conformance-case.js';
import { brokerOf, type Harness } from '../harness.js';
import { sampleMessage, toQueue } from '../sample-message.js';
import { Taker } from '../taker.js';
import { declare, kindsOf, publish, queue } from './queues.js';

/** What a topic pattern finds, as in AMQP 0-9-1. */
const topics: readonly {
  readonly pattern: string;
  readonly finds: readonly string[];
  readonly leaves: readonly string[];
}[] = [
  {
    pattern: 'media.image',
    finds: ['media.image'],
    leaves: ['media', 'media.image.png', 'media.video', 'MEDIA.IMAGE'],
  },
  {
    pattern: 'media.*',
    finds: ['media.image', 'media.*'],
    leaves: ['media', 'media.image.png', 'other.image', 'mediaXimage'],
  },
  { pattern: '*.image', finds: ['media.image'], leaves: ['image', 'a.b.image'] },
  { pattern: '*', finds: ['media'], leaves: ['media.image'] },
  {
    pattern: 'media.#',
    finds: ['media', 'media.image', 'media.image.png'],
    leaves: ['mediator', 'other.media'],
  },
  { pattern: '#.error', finds: ['error', 'a.error', 'a.b.error'], leaves: ['error.a', 'terror'] },
  { pattern: '#', finds: ['media', 'media.image.png'], leaves: [] },
  { pattern: 'a.*.#.d', finds: ['a.b.d', 'a.b.c.d', 'a.d.d'], leaves: ['a.d', 'a.b.c'] },
  { pattern: 'a.#.b.#.c', finds: ['a.b.c', 'a.x.b.y.z.c', 'a.b.b.c'], leaves: ['a.c', 'a.b', 'a.c.b'] },
  // Signs that mean something elsewhere mean nothing here.
  { pattern: 'a+.[bc].(d)?', finds: ['a+.[bc].(d)?'], leaves: ['aa.b.d', 'a.c.'] },
];

interface Bound {
  readonly exchange: string;
  readonly taker: Taker;
}

/** One queue that is bound to a new exchange with the keys, and its consumer. */
async function bound(
  harness: Harness,
  type: ExchangeType,
  routingKeys: readonly string[],
  name?: string,
): Promise<Bound> {
  const exchange = name ?? harness.name(`exchange-${type}`);
  const queueName = harness.name('bound');
  await declare(harness, {
    exchanges: [{ name: exchange, type }],
    queues: [{ name: queueName }],
    bindings: routingKeys.map((routingKey) => ({ queue: queueName, exchange, routingKey })),
  });
  return { exchange, taker: await Taker.acking(harness, { queues: [queueName] }) };
}

async function send(
  harness: Harness,
  exchange: string,
  routingKeys: readonly string[],
): Promise<readonly string[]> {
  return kindsOf(
    await publish(
      harness,
      routingKeys.map((routingKey) => ({ message: sampleMessage({ id: routingKey }), exchange, routingKey })),
    ),
  );
}

const topicCases = topics.map(
  ({ pattern, finds, leaves }): ConformanceCase => ({
    name: `routes by the topic pattern "${pattern}"`,
    run: async (harness) => {
      const { exchange, taker } = await bound(harness, 'topic', [pattern]);
      assert.deepEqual(
        await send(harness, exchange, finds),
        finds.map(() => 'accepted'),
      );
      assert.deepEqual(
        await send(harness, exchange, leaves),
        leaves.map(() => 'unroutable'),
      );
      await taker.staysAt(finds.length, 'only messages whose key matches should be delivered');
      assert.deepEqual(taker.ids, finds);
    },
  }),
);

export const routingCases: readonly ConformanceCase[] = [
  {
    name: 'finds the queue that the routing key names on the default exchange',
    run: async (harness) => {
      const one = await queue(harness, 'one');
      const two = await queue(harness, 'two');
      const taker = await Taker.acking(harness, { queues: [one] });
      await publish(harness, [toQueue(two, { id: 'two' }), toQueue(one, { id: 'one' })]);
      await taker.staysAt(1, 'only messages of its own queue should come to a consumer');
      assert.deepEqual(taker.ids, ['one']);
    },
  },
  {
    name: 'tells with a delivery where it came from',
    run: async (harness) => {
      const exchange = harness.name('exchange');
      const name = harness.name('queue');
      await declare(harness, {
        exchanges: [{ name: exchange, type: 'topic' }],
        queues: [{ name }],
        bindings: [{ queue: name, exchange, routingKey: 'a.#' }],
      });
      const taker = await Taker.open(harness, { queues: [name] });
      await send(harness, exchange, ['a.b']);
      const delivery = await taker.nth(0);
      assert.deepEqual([delivery.queue, delivery.exchange, delivery.routingKey], [name, exchange, 'a.b']);
      await publish(harness, [toQueue(name)]);
      const direct = await taker.nth(1);
      assert.deepEqual([direct.queue, direct.exchange, direct.routingKey], [name, '', name]);
    },
  },
  {
    name: 'routes by the exact key on a direct exchange',
    run: async (harness) => {
      const { exchange, taker } = await bound(harness, 'direct', ['red', 'green', 'a.*']);
      assert.deepEqual(await send(harness, exchange, ['red', 'blue', 'green', 'a.b', 'a.*']), [
        'accepted',
        'unroutable',
        'accepted',
        'unroutable',
        'accepted',
      ]);
      await taker.staysAt(3, 'only messages whose key is bound should be delivered');
      assert.deepEqual(taker.ids, ['red', 'green', 'a.*']);
    },
  },
  ...topicCases,
  {
    name: 'gives a message of a fanout exchange to every bound queue, whatever the key',
    run: async (harness) => {
      const first = await bound(harness, 'fanout', ['']);
      const second = await bound(harness, 'fanout', ['ignored'], first.exchange);
      assert.deepEqual(await send(harness, first.exchange, ['x', 'y']), ['accepted', 'accepted']);
      await first.taker.staysAt(2, 'each queue should get each message once');
      await second.taker.staysAt(2, 'each queue should get each message once');
    },
  },
  {
    name: 'settles the copies of a message in several queues apart',
    run: async (harness) => {
      const exchange = harness.name('fanout');
      const names = [harness.name('left'), harness.name('right')];
      await declare(harness, {
        exchanges: [{ name: exchange, type: 'fanout' }],
        queues: names.map((name) => ({ name })),
        bindings: names.map((name) => ({ queue: name, exchange, routingKey: '' })),
      });
      const [left, right] = [
        await Taker.open(harness, { queues: names.slice(0, 1) }),
        await Taker.open(harness, { queues: names.slice(1) }),
      ];
      await send(harness, exchange, ['x']);
      assert.equal((await left.settle({ kind: 'ack' }, await left.nth(0))).kind, 'settled');
      assert.equal((await right.settle({ kind: 'requeue' }, await right.nth(0))).kind, 'settled');
      assert.equal((await right.nth(1)).deliveries, 2);
      await left.staysAt(1, 'what happens to one copy should not touch the other');
    },
  },
  {
    name: 'delivers once to a queue that several bindings find',
    run: async (harness) => {
      const { exchange, taker } = await bound(harness, 'topic', ['a.*', '*.b', '#']);
      assert.deepEqual(await send(harness, exchange, ['a.b']), ['accepted']);
      await taker.staysAt(1, 'one queue should get one copy');
    },
  },
  {
    name: 'finds a message unroutable on an exchange without bindings',
    run: async (harness) => {
      const exchange = harness.name('lonely');
      await declare(harness, { exchanges: [{ name: exchange, type: 'fanout' }] });
      assert.deepEqual(await send(harness, exchange, ['x']), ['unroutable']);
    },
  },
  {
    name: 'finds a message unroutable on an exchange that nobody declared',
    run: async (harness) => {
      const name = await queue(harness);
      const outcomes = await publish(harness, [
        { message: sampleMessage(), exchange: harness.name('undeclared'), routingKey: name },
        toQueue(name),
      ]);
      assert.deepEqual(kindsOf(outcomes), ['unroutable', 'accepted']);
    },
  },
  {
    name: 'keeps bindings and messages when everything is declared again',
    run: async (harness) => {
      const exchange = harness.name('exchange');
      const name = harness.name('queue');
      const topology = {
        exchanges: [{ name: exchange, type: 'direct' as const }],
        queues: [{ name }],
        bindings: [{ queue: name, exchange, routingKey: 'key' }],
      };
      await declare(harness, topology);
      await send(harness, exchange, ['key']);
      await declare(harness, topology);
      await declare(harness, topology, await harness.another());
      await send(harness, exchange, ['key']);
      const taker = await Taker.acking(harness, { queues: [name] });
      await taker.staysAt(2, 'declaring again should neither lose nor repeat anything');
    },
  },
  {
    name: 'knows a topology that another process declared',
    run: async (harness) => {
      const other = await harness.another();
      const exchange = harness.name('exchange');
      const name = harness.name('queue');
      await declare(
        harness,
        {
          exchanges: [{ name: exchange, type: 'topic' }],
          queues: [{ name }],
          bindings: [{ queue: name, exchange, routingKey: 'a.*' }],
        },
        other,
      );
      assert.deepEqual(await send(harness, exchange, ['a.b']), ['accepted']);
      const taker = await Taker.open(harness, { queues: [name] });
      await taker.reach(1);
    },
  },
  {
    name: 'deletes a queue that ends with its last consumer, with its bindings',
    run: async (harness) => {
      const exchange = harness.name('exchange');
      const [own, kept] = [harness.name('own'), harness.name('kept')];
      await declare(harness, {
        exchanges: [{ name: exchange, type: 'fanout' }],
        queues: [{ name: own, autoDelete: true }, { name: kept }],
        bindings: [{ queue: own, exchange, routingKey: '' }],
      });
      const other = await harness.another();
      const [first, last, left] = [
        await Taker.open(harness, { queues: [own] }),
        await Taker.open(harness, { queues: [own], view: other }),
        await Taker.open(harness, { queues: [kept] }),
      ];
      await first.consumer.close({ deadline: harness.deadline() });
      assert.deepEqual(await send(harness, exchange, ['x']), ['accepted']);
      await last.reach(1);
      await last.consumer.close({ deadline: harness.deadline() });
      await left.consumer.close({ deadline: harness.deadline() });
      assert.deepEqual(await send(harness, exchange, ['y']), ['unroutable']);
      const outcomes = await publish(harness, [toQueue(own), toQueue(kept)]);
      assert.deepEqual(kindsOf(outcomes), ['unroutable', 'accepted']);
    },
  },
  {
    name: 'deletes a queue that ends with its last consumer when the process of that one dies',
    run: async (harness) => {
      const exchange = harness.name('exchange');
      const [own, kept] = [harness.name('own'), harness.name('kept')];
      const mortal = await harness.another();
      await declare(
        harness,
        {
          exchanges: [{ name: exchange, type: 'fanout' }],
          queues: [{ name: own, autoDelete: true }, { name: kept }],
          bindings: [{ queue: own, exchange, routingKey: '' }],
        },
        mortal,
      );
      const taker = await Taker.open(harness, { queues: [own], view: mortal });
      await Taker.open(harness, { queues: [kept] });
      assert.deepEqual(await send(harness, exchange, ['x']), ['accepted']);
      await taker.reach(1);
      await harness.crash(mortal);
      await harness.eventually('the queue should be gone', async () => {
        return kindsOf(await publish(harness, [toQueue(own)]))[0] === 'unroutable';
      });
      assert.deepEqual(await send(harness, exchange, ['y']), ['unroutable']);
    },
  },
  {
    name: 'has a queue that ends with its last consumer, and its bindings, again when that one lost its claims and goes on',
    run: async (harness) => {
      const exchange = harness.name('exchange');
      const own = harness.name('own');
      const unlucky = await harness.another();
      await declare(
        harness,
        {
          exchanges: [{ name: exchange, type: 'fanout' }],
          queues: [{ name: own, autoDelete: true }],
          bindings: [{ queue: own, exchange, routingKey: '' }],
        },
        unlucky,
      );
      const taker = await Taker.acking(harness, { queues: [own], view: unlucky });
      assert.deepEqual(await send(harness, exchange, ['first']), ['accepted']);
      await taker.reach(1);
      await harness.loseClaims(unlucky);
      await harness.eventually('what is sent should be delivered again', async () => {
        await send(harness, exchange, ['later']);
        await harness.advance(20);
        return taker.ids.includes('later');
      });
    },
  },
  {
    name: 'refuses to consume a queue that nobody declared',
    run: async (harness) => {
      await rejectsCoded(
        async () =>
          await brokerOf(harness.view).consume({
            consumerId: randomUUID(),
            queues: [harness.name('undeclared')],
            prefetch: 1,
            onDeliveries: () => undefined,
            onLost: () => undefined,
            deadline: harness.deadline(),
          }),
        'consuming an undeclared queue',
      );
    },
  },
];
