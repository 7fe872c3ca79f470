import assert from 'node:assert/strict';
import { isLovageError, type WireMessage } from '@lovage/core';
import type { ConformanceCase } from '../conformance-case.js';
import { brokerOf, type Harness } from '../harness.js';
import { assertSameMessage, LazyMessage, sampleMessage, toQueue } from '../sample-message.js';
import { Taker } from '../taker.js';
import { declare, kindsOf, publish, queue } from './queues.js';
import { awkwardNames } from './awkward-names.js';

/** Sends messages through a queue and checks that they come out unchanged, also when they are delivered again. */
async function roundTrip(harness: Harness, messages: readonly WireMessage[]): Promise<void> {
  const name = await queue(harness);
  await publish(
    harness,
    messages.map((message) => toQueue(name, { message })),
  );
  const taker = await Taker.open(harness, { queues: [name], prefetch: messages.length });
  await taker.reach(messages.length);
  await taker.settleAll({ kind: 'requeue' }, [...taker.deliveries]);
  await taker.reach(messages.length * 2);
  for (const [index, delivery] of taker.deliveries.entries()) {
    assertSameMessage(delivery.message, messages[index % messages.length] as WireMessage);
  }
}

/** Tries to change something that must not be changed; being refused is as good as having no effect. */
function tamper(change: () => void): void {
  try {
    change();
  } catch {
    // Frozen.
  }
}

function tamperWith(message: WireMessage): void {
  const headers = message.headers as Record<string, unknown>;
  const properties = message.properties as Record<string, unknown>;
  tamper(() => {
    headers['id'] = 'changed';
  });
  tamper(() => {
    headers['added'] = true;
  });
  tamper(() => {
    delete headers['task'];
  });
  tamper(() => {
    properties['correlationId'] = 'changed';
  });
}

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

export const contentCases: readonly ConformanceCase[] = [
  {
    name: 'gives back every byte of a body',
    run: async (harness) => {
      const text = JSON.stringify(['ünïcödé 任务 🌿 \u2028 \u0000 \\ "', "it's"]);
      await roundTrip(harness, [
        sampleMessage({ body: everyByte, contentType: 'application/x-msgpack', contentEncoding: 'binary' }),
        sampleMessage({
          body: Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0x00]),
          contentType: 'application/data',
          contentEncoding: 'binary',
        }),
        sampleMessage({ body: text }),
        sampleMessage({ body: Buffer.from(text) }),
        sampleMessage({ body: 'ü'.repeat(100_000) }),
        sampleMessage({ body: '' }),
        sampleMessage({ body: Buffer.alloc(0) }),
        sampleMessage({ body: Buffer.alloc(256 * 1024, everyByte), contentEncoding: 'binary' }),
      ]);
    },
  },
  {
    name: 'takes messages whose bodies are made when they are read',
    run: async (harness) => {
      const message = sampleMessage({ priority: 3 });
      await roundTrip(harness, [new LazyMessage(message)]);
    },
  },
  {
    name: 'gives back headers of every JSON kind',
    run: async (harness) => {
      await roundTrip(harness, [
        sampleMessage({
          headers: {
            id: 'odd',
            nothing: null,
            yes: true,
            no: false,
            zero: 0,
            negative: -1,
            big: 2 ** 40 + 1,
            largest: Number.MAX_SAFE_INTEGER,
            fraction: 0.1,
            tiny: 5e-324,
            empty: '',
            text: 'ünïcödé 任务 🌿\n\t"\\',
            list: [null, 1, 'two', [3, [4, []]], { five: {} }],
            nested: { a: { b: { c: [{ d: null }] } } },
            'key with spaces.and:dots': 1,
            任务: 2,
            long: 'x'.repeat(5000),
          },
        }),
        sampleMessage({ headers: { id: 'bare' } }),
        sampleMessage({
          headers: JSON.parse(
            '{"id":"hostile","constructor":{"prototype":1},"toString":"x"}',
          ) as WireMessage['headers'],
        }),
      ]);
    },
  },
  {
    name: 'gives back every property, and none that was not set',
    run: async (harness) => {
      const messages = [
        sampleMessage({
          properties: {
            correlationId: 'c:1',
            replyTo: 'reply {queue}',
            deliveryMode: 1,
            priority: 5,
            expiration: '3600000',
          },
        }),
        sampleMessage({ properties: { correlationId: 'ünïcödé', deliveryMode: 2, priority: 0 } }),
      ];
      // One at a time: their priorities would change the order, each broker in its own way.
      for (const message of messages) await roundTrip(harness, [message]);
      const name = await queue(harness);
      await publish(harness, [toQueue(name, { message: sampleMessage({ properties: {} }) })]);
      const { properties } = (await (await Taker.open(harness, { queues: [name] })).nth(0)).message;
      assert.deepEqual(
        [properties.correlationId, properties.replyTo, properties.expiration],
        [undefined, undefined, undefined],
      );
    },
  },
  {
    name: 'keeps queues, exchanges and keys with awkward names apart',
    run: async (harness) => {
      const names = awkwardNames.map((stem) => harness.name(stem));
      const exchange = harness.name('exchange {*} #');
      await declare(harness, {
        exchanges: [{ name: exchange, type: 'direct' }],
        queues: names.map((name) => ({ name })),
        bindings: names.map((name) => ({ queue: name, exchange, routingKey: name })),
      });
      const takers = await Promise.all(
        names.map(async (name) => await Taker.open(harness, { queues: [name] })),
      );
      const direct = names.map((name) => toQueue(name, { id: `direct ${name}` }));
      const routed = names.map((name) => ({
        message: sampleMessage({ id: `routed ${name}` }),
        exchange,
        routingKey: name,
      }));
      const outcomes = await publish(harness, [...direct, ...routed]);
      assert.ok(kindsOf(outcomes).every((kind) => kind === 'accepted'));
      for (const [index, taker] of takers.entries()) {
        await taker.staysAt(2, `queue "${names[index]}" should get its own messages only`);
        assert.deepEqual(taker.ids, [`direct ${names[index]}`, `routed ${names[index]}`]);
        assert.equal((await taker.nth(0)).queue, names[index]);
      }
    },
  },
  {
    name: 'carries messages of a queue whose name has line breaks, or refuses the name with a coded error',
    run: async (harness) => {
      const name = harness.name('line\nbreak\r\n');
      try {
        await declare(harness, { queues: [{ name }] });
      } catch (error) {
        assert.ok(isLovageError(error), `it was refused with: ${String(error)}`);
        return;
      }
      await publish(harness, [toQueue(name)]);
      assert.equal((await (await Taker.open(harness, { queues: [name] })).nth(0)).queue, name);
    },
  },
  {
    name: 'delivers what was published, whatever the publisher does to its message afterwards',
    run: async (harness) => {
      const name = await queue(harness);
      const message = sampleMessage({ id: 'original' });
      const expected = sampleMessage({ id: 'original' });
      await publish(harness, [toQueue(name, { message })]);
      tamperWith(message);
      const taker = await Taker.open(harness, { queues: [name] });
      assertSameMessage((await taker.nth(0)).message, expected);
    },
  },
  {
    name: 'delivers the same again, whatever a consumer does to what it was given',
    run: async (harness) => {
      const name = await queue(harness);
      const expected = sampleMessage({ id: 'original' });
      await publish(harness, [toQueue(name, { message: sampleMessage({ id: 'original' }) })]);
      const taker = await Taker.open(harness, { queues: [name] });
      const delivery = await taker.nth(0);
      tamperWith(delivery.message);
      await brokerOf(harness.view).settle({
        settlements: [{ delivery, verb: { kind: 'requeue' }, results: [], publishes: [], joins: [] }],
        deadline: harness.deadline(),
      });
      assertSameMessage((await taker.nth(1)).message, expected);
    },
  },
];
