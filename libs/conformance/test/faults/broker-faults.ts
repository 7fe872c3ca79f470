import type { Consumer, ConsumeParams, Delivery, Publication, WallMs, WireMessage } from '@lovage/core';
import { brokerFault } from './broker-fault.js';
import { altered, type Fault, without } from './fault.js';

const publications = (name: string, noticedBy: string, change: (one: Publication) => Publication): Fault =>
  brokerFault(name, noticedBy, (real) => ({
    publish: async (params) =>
      await real.publish({ ...params, publications: params.publications.map(change) }),
  }));

const consumption = (
  name: string,
  noticedBy: string,
  change: (params: ConsumeParams) => ConsumeParams,
): Fault =>
  brokerFault(name, noticedBy, (real) => ({ consume: async (params) => await real.consume(change(params)) }));

const consumers = (
  name: string,
  noticedBy: string,
  change: (consumer: Consumer) => Partial<Consumer>,
): Fault =>
  brokerFault(name, noticedBy, (real) => ({
    consume: async (params) => {
      const consumer = await real.consume(params);
      return altered(consumer, change(consumer));
    },
  }));

const withMessage = (one: Publication, parts: Partial<WireMessage>): Publication => ({
  ...one,
  message: { ...one.message, ...parts },
});

const seen = (one: Delivery, parts: Partial<Delivery>): Delivery => altered(one, parts);

/** Ways to publish, deliver and keep up wrongly. */
export const brokerFaults: readonly Fault[] = [
  brokerFault('loses a publish', 'delivers each published message once', (real) => {
    let calls = 0;
    return {
      publish: async (params) => {
        const kept = params.publications.filter(() => calls++ % 7 !== 6);
        const outcomes = await real.publish({ ...params, publications: kept });
        return params.publications.map((_, index) => outcomes[index] ?? { kind: 'accepted' });
      },
    };
  }),
  brokerFault('publishes twice', 'delivers each published message once', (real) => ({
    publish: async (params) =>
      (
        await real.publish({ ...params, publications: [...params.publications, ...params.publications] })
      ).slice(params.publications.length),
  })),
  brokerFault('gives outcomes in the wrong order', 'gives the outcomes of a batch in its order', (real) => ({
    publish: async (params) => (await real.publish(params)).toReversed(),
  })),
  brokerFault(
    'takes unroutable messages for accepted',
    'finds a message unroutable on an exchange without bindings',
    (real) => ({
      publish: async (params) => (await real.publish(params)).map(() => ({ kind: 'accepted' })),
    }),
  ),
  brokerFault(
    'forgets that an id was sent',
    'knows a sent id as soon as its message is accepted, where results are kept in the same store',
    (real) => ({
      publish: async (params) =>
        await real.publish({
          ...params,
          publications: params.publications.map((one) => without(one, 'sent')),
        }),
    }),
  ),
  brokerFault('takes # for one word', 'routes by the topic pattern "media.#"', (real) => ({
    declare: async ({ topology, deadline }) => {
      const bindings =
        topology.bindings?.map((one) => ({ ...one, routingKey: one.routingKey.replaceAll('#', '*') })) ?? [];
      await real.declare({ topology: { ...topology, bindings }, deadline });
    },
  })),
  consumption('delivers a batch twice', 'delivers each published message once', (params) => ({
    ...params,
    onDeliveries: (deliveries) => {
      params.onDeliveries(deliveries);
      params.onDeliveries(deliveries);
    },
  })),
  consumption(
    'delivers the latest first',
    'delivers to the only consumer of a queue in the order of publishing',
    (params) => ({
      ...params,
      onDeliveries: (deliveries) => params.onDeliveries(deliveries.toReversed()),
    }),
  ),
  consumption(
    'starves all queues but the first',
    'serves every queue of a consumer, however full those before it are',
    (params) => ({
      ...params,
      queues: params.queues.slice(0, 1),
    }),
  ),
  consumption(
    'ignores the prefetch',
    'hands out at most the prefetch, and more only as deliveries end',
    (params) => ({
      ...params,
      prefetch: params.prefetch * 10,
    }),
  ),
  consumption(
    'never tells that a message was delivered before',
    'gives what a closed consumer had in hand to others, counted and marked as delivered before',
    (params) => ({
      ...params,
      onDeliveries: (deliveries) =>
        params.onDeliveries(deliveries.map((one) => seen(one, { redelivered: false }))),
    }),
  ),
  consumption(
    'does not count deliveries',
    'counts every delivery of a message that is requeued again and again',
    (params) => ({
      ...params,
      onDeliveries: (deliveries) =>
        params.onDeliveries(deliveries.map((one) => seen(one, { deliveries: 1 }))),
    }),
  ),
  consumption(
    'confuses exchange and queue in deliveries',
    'tells with a delivery where it came from',
    (params) => ({
      ...params,
      onDeliveries: (deliveries) =>
        params.onDeliveries(deliveries.map((one) => seen(one, { exchange: one.queue }))),
    }),
  ),
  consumption(
    'takes revoked tasks for wanted ones',
    'says of a revoked task that it is revoked, or that it can not tell',
    (params) => ({
      ...params,
      onDeliveries: (deliveries) =>
        params.onDeliveries(deliveries.map((one) => seen(one, { revoked: false }))),
    }),
  ),
  consumers('keeps its first prefetch', 'takes a larger prefetch at once', () => ({
    setPrefetch: () => undefined,
  })),
  consumers('does not pause', 'delivers nothing while it is paused; what is in hand stays in hand', () => ({
    pause: async () => undefined,
  })),
  consumers('does not resume', 'delivers nothing while it is paused; what is in hand stays in hand', () => ({
    resume: () => undefined,
  })),
  consumers(
    'forgets to give back what a closed consumer had in hand',
    'gives what a closed consumer had in hand to others, counted and marked as delivered before',
    (consumer) => ({
      close: async () => await consumer.pause(),
    }),
  ),
  publications(
    'delivers delayed messages at once',
    'holds a message back until its time, then delivers it once',
    (one) => without(one, 'notBefore'),
  ),
  publications(
    'delivers delayed messages a little early',
    'delivers delayed messages in the order of their times',
    (one) => ({
      ...one,
      notBefore: one.notBefore === undefined ? undefined : ((one.notBefore - 20) as WallMs),
    }),
  ),
  publications(
    'loses delayed messages',
    'holds a message back until its time, then delivers it once',
    (one) => ({
      ...one,
      notBefore: one.notBefore === undefined ? undefined : (Date.UTC(2999, 0) as WallMs),
    }),
  ),
  publications(
    'delivers at once what is farther away than a timer can count',
    'holds a message for thousands of years',
    ({ notBefore, ...one }) =>
      notBefore === undefined || notBefore > Date.UTC(2100, 0) ? one : { ...one, notBefore },
  ),
  publications(
    'turns priorities round',
    'delivers by priority as its capabilities say; no priority counts as 0',
    (one) =>
      withMessage(one, {
        properties: {
          ...one.message.properties,
          priority: 9 - (one.message.properties.priority ?? 0),
        },
      }),
  ),
  publications(
    'ignores priorities',
    'delivers by priority as its capabilities say; no priority counts as 0',
    (one) => withMessage(one, { properties: { ...one.message.properties, priority: 0 } }),
  ),
  publications('takes bodies for text', 'gives back every byte of a body', (one) =>
    withMessage(one, { body: one.message.body.toString() }),
  ),
  publications('writes text in another encoding', 'gives back every byte of a body', (one) => {
    const { body } = one.message;
    return withMessage(one, { body: typeof body === 'string' ? Buffer.from(body, 'latin1') : body });
  }),
  publications(
    'copies messages by spreading',
    'takes messages whose bodies are made when they are read',
    (one) => ({
      ...one,
      message: { ...one.message },
    }),
  ),
  publications('loses headers that are null', 'gives back headers of every JSON kind', (one) =>
    withMessage(one, {
      headers: Object.fromEntries(Object.entries(one.message.headers).filter(([, value]) => value !== null)),
    }),
  ),
  publications('loses the expiration', 'gives back every property, and none that was not set', (one) => {
    return withMessage(one, { properties: without(one.message.properties, 'expiration') });
  }),
  brokerFault(
    'takes names for case-insensitive',
    'keeps queues, exchanges and keys with awkward names apart',
    (real) => {
      const lower = (name: string): string =>
        name.replace(/^(upper)-\d+$/i, (_, stem: string) => stem.toLowerCase());
      return {
        declare: async ({ topology, deadline }) => {
          await real.declare({
            topology: {
              ...topology,
              queues: topology.queues?.map(({ name }) => ({ name: lower(name) })) ?? [],
              bindings: topology.bindings?.map((one) => ({ ...one, queue: lower(one.queue) })) ?? [],
            },
            deadline,
          });
        },
        publish: async (params) =>
          await real.publish({
            ...params,
            publications: params.publications.map((one) => ({
              ...one,
              routingKey: one.exchange === '' ? lower(one.routingKey) : one.routingKey,
            })),
          }),
        consume: async (params) => await real.consume({ ...params, queues: params.queues.map(lower) }),
      };
    },
  ),
  brokerFault(
    'shares messages with who published them',
    'delivers what was published, whatever the publisher does to its message afterwards',
    (real) => {
      const originals = new Map<string, WireMessage>();
      return {
        publish: async (params) => {
          for (const { message } of params.publications)
            originals.set(String(message.properties.correlationId), message);
          const copies = params.publications.map((one) =>
            withMessage(one, {
              headers: { ...one.message.headers },
              properties: { ...one.message.properties },
            }),
          );
          return await real.publish({ ...params, publications: copies });
        },
        consume: async (params) =>
          await real.consume({
            ...params,
            onDeliveries: (deliveries) =>
              params.onDeliveries(
                deliveries.map((one) =>
                  seen(one, {
                    message: originals.get(String(one.message.properties.correlationId)) ?? one.message,
                  }),
                ),
              ),
          }),
      };
    },
  ),
  brokerFault('purges nothing', 'purges what waits in a queue and tells its number', () => ({
    purge: async () => 0,
  })),
  brokerFault('works on after close', 'refuses everything after close with a coded error', () => ({
    purge: async () => 0,
  })),
  brokerFault('closes nothing', 'gives what the consumers of a closed broker had in hand to others', () => ({
    close: async () => undefined,
  })),
];
