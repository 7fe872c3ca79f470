import { describeWith, waitFor } from '@lovage/services';
import { ChildWorkers } from '../support/child-worker.js';
import { PythonAndLovage, withinMs } from '../support/python-and-lovage.js';

jest.setTimeout(120_000);

describeWith(['redis-server', 'celery'], 'what a worker had in hand that is gone', () => {
  const stage = new PythonAndLovage();
  const children = new ChildWorkers();

  beforeAll(async () => await stage.start());
  afterEach(async () => {
    await children.clear();
    await stage.end();
    await stage.redis.flush();
  });
  afterAll(async () => {
    await children.close();
    await stage.close();
  });

  /** Times of the deliveries in Celery's index, in seconds. */
  async function scores(): Promise<readonly number[]> {
    const found = (await stage.redis.command(
      'ZRANGE',
      'unacked_index',
      0,
      -1,
      'WITHSCORES',
    )) as readonly string[];
    return found.filter((_, index) => index % 2 === 1).map(Number);
  }

  async function overdue(seconds: number, count: number): Promise<void> {
    await waitFor(
      async () => {
        const found = await scores();
        return found.length === count && found.every((score) => Date.now() / 1000 - score > seconds);
      },
      { withinMs, what: `${count} deliveries that are ${seconds} seconds old` },
    );
  }

  const shortTimeout = { broker_transport_options: { visibility_timeout: 1 } };

  it('is given back by Python, when it was one of Lovage', async () => {
    const client = await stage.client();
    const child = await children.start(stage.url('lease=1h'));
    const ids = ['one', 'two', 'three'];
    for (const taskId of ids) await client.send({ name: 'interop.request', options: { queue: 'q', taskId } });
    for (const id of ids) await child.said(new RegExp(`^got ${id} 1$`));
    await child.program.kill();
    await overdue(1, 3);
    await stage.worker({ queues: ['q'], settings: shortTimeout });
    for (const id of ids) {
      await expect(client.get(id)).resolves.toMatchObject({
        status: 'SUCCESS',
        value: { id, delivery_info: { redelivered: true, routing_key: 'q' } },
      });
    }
    await waitFor(async () => (await scores()).length === 0, { withinMs, what: 'nothing to be left' });
  });

  it('is given back by Python to the queue that it came from, and to no other, whatever the exchange', async () => {
    const queues = ['q', 'done'];
    const app = await stage.lovage({
      exchanges: [{ name: 'topics', type: 'topic' }],
      queues,
      bindings: queues.map((queue) => ({ exchange: 'topics', queue, routingKey: 'stock.#' })),
    });
    const child = await children.start(stage.url('lease=1h'));
    const sent = await app.client.send('interop.request', { exchange: 'topics', routingKey: 'stock.tea' });
    await child.said(new RegExp(`^got ${sent.id} 1$`));
    await child.program.kill();
    await overdue(1, 1);
    expect(await stage.redis.command('LLEN', 'done')).toBe(1);
    // It knows nothing of the exchange.
    await stage.worker({ queues: ['q'], settings: shortTimeout });
    await expect(sent.get()).resolves.toMatchObject({ delivery_info: { redelivered: true } });
    expect(await stage.redis.command('LLEN', 'done')).toBe(1);
  });

  it('is run by Python at once, when Lovage has stopped in order', async () => {
    const client = await stage.client();
    const child = await children.start(stage.url());
    await client.send({ name: 'interop.request', options: { queue: 'q', taskId: 'returned', priority: 6 } });
    await child.said(/^got returned 1$/);
    child.tell('close');
    await child.said(/^closed$/);
    expect(await stage.redis.command('EXISTS', 'unacked', 'unacked_index')).toBe(0);
    await stage.worker({ queues: ['q'] });
    await expect(client.get('returned')).resolves.toMatchObject({
      value: { id: 'returned', delivery_info: { redelivered: true, priority: 6 } },
    });
  });

  it('is run by Lovage at its time, when Python has stopped in order', async () => {
    const client = await stage.client();
    const worker = await stage.worker({ queues: ['q'] });
    for (const taskId of ['tomorrow', 'tomorrow too']) {
      await client.send({ name: 'interop.add', options: { queue: 'q', taskId, countdown: 86_400 } });
    }
    await waitFor(async () => (await scores()).length === 2, { withinMs, what: 'Python to hold both' });
    await worker.stop();
    // Python gives both back when it ends. On a busy machine it is sometimes cut off before: then they come back as those of a
    // killed worker do.
    const broker = stage.url('visibilityTimeout=1s&lease=1s');
    await stage.lovage(
      { broker, queues: ['q'], worker: { queues: ['q'] } },
      { 'interop.add': () => 'too early' },
    );
    await waitFor(async () => (await stage.messages('q', 'delayed')).length === 2, {
      withinMs,
      what: 'both to wait for their time',
    });
    expect(await stage.redis.command('EXISTS', 'q', 'unacked')).toBe(0);
  });

  it('is not taken away by Python from one of Lovage that lives, however long it takes', async () => {
    const client = await stage.client();
    const child = await children.start(stage.url('visibilityTimeout=1s&lease=10s'));
    await client.send({ name: 'interop.request', options: { queue: 'q', taskId: 'slow' } });
    await child.said(/^got slow 1$/);
    const [first = 0] = await scores();
    await waitFor(async () => ((await scores())[0] ?? 0) > first + 1, {
      withinMs,
      what: 'the delivery to be older than the timeout, and made young',
    });
    // One of a consumer that is long gone: when it has run, Python has looked for what is overdue.
    await client.send({ name: 'interop.request', options: { queue: 'aside', taskId: 'old' } });
    const text = String(await stage.redis.command('RPOP', 'aside'));
    const { properties } = JSON.parse(text) as { readonly properties: { readonly delivery_tag: string } };
    await stage.redis.command('HSET', 'unacked', properties.delivery_tag, `[${text}, "", "aside"]`);
    await stage.redis.command('ZADD', 'unacked_index', 1, properties.delivery_tag);
    await stage.worker({ queues: ['aside', 'q'], settings: shortTimeout });
    await expect(client.get('old')).resolves.toMatchObject({ status: 'SUCCESS' });
    child.tell('ack slow');
    await child.said(/^settled slow$/);
    await expect(client.state('slow')).resolves.toBe('SUCCESS');
    expect(await stage.redis.command('LLEN', 'q')).toBe(0);
  });

  it('is given back by Lovage, when it was one of Python: what ran and what had not begun', async () => {
    const client = await stage.client();
    const worker = await stage.worker({ queues: ['q'], pool: 'threads' });
    const ids = ['runs', 'waits', 'waits too'];
    for (const taskId of ids) {
      await client.send({ name: 'interop.slow_late', args: [600], options: { queue: 'q', taskId } });
    }
    await waitFor(async () => (await scores()).length === 3, { withinMs, what: 'Python to hold them all' });
    await worker.kill();
    const seen: unknown[] = [];
    const app = await stage.lovage(
      { broker: stage.url('visibilityTimeout=1s&lease=1s'), queues: ['q'], worker: { queues: ['q'] } },
      {
        'interop.slow_late': (_args, { id, redelivered, deliveries }) => {
          seen.push({ id, redelivered, deliveries });
          return 'here';
        },
      },
    );
    for (const id of ids) await expect(app.client.result(id).get()).resolves.toBe('here');
    expect(seen).toStrictEqual(ids.map((id) => ({ id, redelivered: true, deliveries: 2 })));
    await expect(client.get('runs')).resolves.toMatchObject({ status: 'SUCCESS', value: 'here' });
  });
});
