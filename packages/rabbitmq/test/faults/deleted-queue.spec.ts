import { connect } from 'amqplib';
import type { LovageError } from '@lovage/core';
import { describeWith, RabbitServer } from '@lovage/services';
import { FaultScene, numbered } from '../support/fault-scene.js';

describeWith('rabbitmq-server', 'a queue that is deleted while it is consumed', () => {
  const server = new RabbitServer();
  let scene: FaultScene;
  let vhost: string;
  let url: string;
  beforeAll(async () => await server.start());
  beforeEach(async () => {
    ({ url, name: vhost } = await server.createVhost());
    scene = await FaultScene.open(url);
  });
  afterEach(async () => await scene.close());
  afterAll(async () => await server.close());

  const allow = async (names: string): Promise<void> => {
    const pattern = `<<"${names}">>`;
    await server.evaluate(
      `rabbit_auth_backend_internal:set_permissions(<<"guest">>, <<"${vhost}">>, ${pattern}, ${pattern}, ${pattern}, <<"x">>).`,
    );
  };

  it('is declared again with its bindings, and consumed, again and again', async () => {
    await scene.declare({
      exchanges: [{ name: 'x', type: 'topic' }],
      queues: [{ name: 'q', maxPriority: 5 }, { name: 'other' }],
      bindings: [{ queue: 'q', exchange: 'x', routingKey: 'a.*' }],
    });
    await scene.drain(['q', 'other']);
    for (let round = 0; round < 20; round += 1) {
      await server.deleteQueue(vhost, 'q');
      await scene.until('it to be consumed again', async () =>
        (await server.queues(vhost)).some(({ name, consumers }) => name === 'q' && consumers === 1),
      );
      const sent = await scene.publish([
        ...numbered('q', 1, round * 3),
        ...numbered('other', 1, round * 3 + 1),
        ...numbered('a.b', 1, round * 3 + 2).map((one) => ({ ...one, exchange: 'x' })),
      ]);
      expect(sent.map(({ kind }) => kind)).toEqual(['accepted', 'accepted', 'accepted']);
    }
    await scene.until('everything to come', () => scene.ids.size === 60);
    expect(scene.lost).toEqual([]);
    expect(scene.warnings.some((warning) => warning.message.includes('"q" was deleted'))).toBe(true);
  });

  it('is told to who publishes meanwhile: what was accepted last comes, and nothing fails otherwise', async () => {
    await scene.declare({ queues: [{ name: 'q' }] });
    await scene.drain(['q'], 50);
    const over = new AbortController();
    const outcomes = new Set<string>();
    const publishing = (async () => {
      for (let next = 0; !over.signal.aborted; next += 10) {
        const sent = await scene.publish(numbered('q', 10, next));
        for (const { kind } of sent) outcomes.add(kind);
      }
    })();
    try {
      for (let round = 0; round < 20; round += 1) {
        await server.deleteQueue(vhost, 'q');
        await scene.until('it to be consumed again', async () =>
          (await server.queues(vhost)).some(({ name, consumers }) => name === 'q' && consumers === 1),
        );
        const before = scene.deliveries.length;
        await scene.until('messages to come again', () => scene.deliveries.length > before);
      }
    } finally {
      over.abort();
      await publishing;
    }
    expect([...outcomes].filter((kind) => kind !== 'accepted' && kind !== 'unroutable')).toEqual([]);
    const last = await scene.publish(numbered('q', 10, 1_000_000));
    expect(last.map(({ kind }) => kind)).toEqual(Array.from({ length: 10 }, () => 'accepted'));
    await scene.until('the last ones to come', () => scene.ids.has('1000009'));
    expect(scene.problems).toEqual([]);
  });

  it('is consumed as it is, where somebody has declared it otherwise since; an operator is told', async () => {
    await scene.declare({ queues: [{ name: 'q', expires: 60 }] });
    const consumer = await scene.take(['q']);
    await consumer.pause();
    const other = await connect(url);
    try {
      const channel = await other.createChannel();
      await channel.deleteQueue('q');
      await channel.assertQueue('q', { durable: true, expires: 90_000, maxPriority: 7 });
      await scene.publish(numbered('q', 3));
      consumer.resume();
      await scene.until('them to come', () => scene.ids.size === 3);
      expect(scene.warnings.map((warning) => (warning as LovageError).code)).toEqual([
        'LOVAGE_QUEUE_CONFLICT',
      ]);
    } finally {
      await other.close();
    }
  });

  it('is told to who publishes, as long as nobody has declared it again', async () => {
    await scene.declare({ queues: [{ name: 'q' }] });
    await server.deleteQueue(vhost, 'q');
    expect(await scene.publish(numbered('q', 2))).toEqual([{ kind: 'unroutable' }, { kind: 'unroutable' }]);
  });

  it('gets back what is requeued or parked', async () => {
    await scene.declare({ queues: [{ name: 'q' }, { name: 'other' }] });
    await scene.publish(numbered('q', 2));
    const consumer = await scene.take(['q']);
    await scene.until('both to come', () => scene.deliveries.length === 2);
    await consumer.pause();
    const [one, two] = scene.deliveries;
    if (one === undefined || two === undefined) throw new Error('both came');
    await server.deleteQueue(vhost, 'q');
    expect(await scene.settle({ kind: 'requeue' }, one)).toEqual([{ kind: 'settled' }]);
    const reason = { code: 'X', text: 'x' };
    expect(await scene.settle({ kind: 'park', reason }, two)).toEqual([{ kind: 'settled' }]);
    await scene.until('each to be in its queue', async () => {
      const queues = new Map((await server.queues(vhost)).map(({ name, ready }) => [name, ready]));
      return queues.get('q') === 1 && queues.get('q.parked') === 1;
    });
  });

  it.each([{ autoDelete: true }, { expires: 60 }])(
    'is declared once more for one who begins to consume it, where it ends by itself: %j',
    async (ending) => {
      await scene.declare({
        exchanges: [{ name: 'x', type: 'fanout' }],
        queues: [{ name: 'own', ...ending }],
        bindings: [{ queue: 'own', exchange: 'x', routingKey: '' }],
      });
      // As it goes with its last consumer, or when nobody has used it for long.
      await server.deleteQueue(vhost, 'own');
      await scene.take(['own']);
      expect(await scene.publish(numbered('', 1).map((one) => ({ ...one, exchange: 'x' })))).toEqual([
        { kind: 'accepted' },
      ]);
      await scene.until('a message of the queue', () => scene.deliveries.length === 1);
      expect(scene.warnings).toEqual([]);
    },
  );

  it('holds up no other, where it can neither be declared nor found', async () => {
    await scene.declare({ queues: [{ name: 'a' }, { name: 'b' }] });
    await scene.take(['a', 'b']);
    await scene.publish(numbered('a', 1));
    await scene.until('it to come', () => scene.deliveries.length === 1);
    await allow('^(?!b$)');
    await server.deleteQueue(vhost, 'b');
    await scene.until('that to be told', () =>
      scene.warnings.some(({ message }) => message.includes('ACCESS_REFUSED')),
    );
    await scene.publish(numbered('a', 1, 1));
    await scene.until('it to come', () => scene.deliveries.length === 2);
    expect(scene.lost).toEqual([]);
    await allow('.*');
    await scene.until('it to be consumed', async () =>
      (await server.queues(vhost)).some(({ name, consumers }) => name === 'b' && consumers === 1),
    );
    expect(scene.lost).toEqual([]);
  });

  it('is not found by who has never declared it', async () => {
    await expect(scene.take(['nowhere'])).rejects.toMatchObject({ code: 'LOVAGE_QUEUE_UNDECLARED' });
    const purging = scene.broker.purge({ queue: 'nowhere', deadline: scene.deadline() });
    await expect(purging).rejects.toMatchObject({ code: 'LOVAGE_QUEUE_UNDECLARED' });
    const binding = scene.declare({
      queues: [{ name: 'q' }],
      bindings: [{ queue: 'q', exchange: 'nowhere', routingKey: '' }],
    });
    await expect(binding).rejects.toMatchObject({ code: 'LOVAGE_EXCHANGE_UNDECLARED' });
  });
});
