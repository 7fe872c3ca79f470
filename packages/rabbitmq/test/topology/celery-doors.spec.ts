import { connect } from 'amqplib';
import type { Binding, WallMs } from '@lovage/core';
import { describeWith, RabbitServer } from '@lovage/services';
import { delayRoute, dueToken } from '../../src/delay/delay-route.js';
import { celeryDoors } from '../../src/topology/celery-doors.js';
import { FaultScene, numbered } from '../support/fault-scene.js';

const bits = (seconds: number): string => seconds.toString(2).padStart(28, '0').split('').join('.');

describe('celeryDoors', () => {
  const binding = (routingKey: string): Binding => ({ queue: 'q', exchange: 'x', routingKey });
  const keysOf = (...patterns: readonly string[]): readonly string[] =>
    celeryDoors(patterns.map(binding), () => 'topic').map(({ routingKey }) => routingKey.slice(56));

  it('has one for each binding of a topic or fanout exchange', () => {
    const types = { t: 'topic', f: 'fanout', d: 'direct', h: 'headers' } as const;
    const bindings = [...Object.keys(types), 'unknown'].map((exchange) => ({ ...binding('a.b'), exchange }));
    const doors = celeryDoors(bindings, (exchange) => types[exchange as keyof typeof types]);
    expect(doors.map(({ exchange }) => exchange)).toEqual(['t', 'f']);
    expect(doors[0]?.routingKey).toBe(`${'*.'.repeat(28)}a.b`);
  });

  it('has none by which a message of ours would leave its way', () => {
    expect(keysOf('a.#', '#.a', '*.b.*.c', '', '*', 'lovage.a')).toEqual([
      'a.#',
      '#.a',
      '*.b.*.c',
      '',
      '*',
      'lovage.a',
    ]);
    expect(keysOf('#', '*.#', 'lovage.#', '*.*.*.*.*.*', '#.*')).toEqual([]);
    expect(delayRoute(1500, dueToken('x', 'a')).routingKey.split('.').slice(28)).toHaveLength(6);
    expect(keysOf('x'.repeat(200))).toEqual([]);
  });
});

describeWith('rabbitmq-server', 'a message that Celery lets wait in the broker', () => {
  const server = new RabbitServer();
  let scene: FaultScene;
  let url: string;
  beforeAll(async () => await server.start());
  beforeEach(async () => {
    ({ url } = await server.createVhost());
    scene = await FaultScene.open(`${url}?delayQueueType=classic`);
  });
  afterEach(async () => await scene.close());
  afterAll(async () => await server.close());

  it.each([
    ['topic', 'orders.new', 'orders.*'],
    ['fanout', '', ''],
  ] as const)(
    'comes out at the queue of a %s exchange, once, as it was published',
    async (type, key, pattern) => {
      await scene.declare({
        exchanges: [{ name: 'x', type }],
        queues: [{ name: 'q', type: 'quorum' }],
        bindings: [{ queue: 'q', exchange: 'x', routingKey: pattern }],
      });
      await scene.take(['q']);
      const celery = await connect(url);
      try {
        const channel = await celery.createConfirmChannel();
        // As kombu's calculate_routing_key and Celery's apply_async have it.
        channel.publish('celery_delayed_27', `${bits(1)}.${key}`, Buffer.from('body'), {
          contentType: 'application/json',
          headers: { id: 'celery' },
        });
        await channel.waitForConfirms();
        const [own] = numbered(key, 1);
        if (own === undefined) throw new Error('there is one');
        await scene.publish([{ ...own, exchange: 'x', notBefore: (scene.clock.wallNow() + 1100) as WallMs }]);
        await scene.until('both to come', () => scene.deliveries.length === 2);
        expect(
          new Map(scene.deliveries.map(({ message, routingKey }) => [message.headers['id'], routingKey])),
        ).toEqual(
          new Map([
            ['0', key],
            ['celery', key],
          ]),
        );
      } finally {
        await celery.close();
      }
    },
  );
});
