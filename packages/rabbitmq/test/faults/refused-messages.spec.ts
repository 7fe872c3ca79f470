import { describeWith, RabbitServer, type RabbitVhost, waitFor } from '@lovage/services';
import { FaultScene, numbered } from '../support/fault-scene.js';
import { RunningApps } from '../support/running-apps.js';

const mostBytes = 50_000;

describeWith('rabbitmq-server', 'a message that the server refuses', () => {
  const server = new RabbitServer({ config: { max_message_size: String(mostBytes) } });
  const scenes: FaultScene[] = [];
  const apps = new RunningApps();
  let vhost: RabbitVhost;
  beforeAll(async () => await server.start());
  beforeEach(async () => {
    vhost = await server.createVhost();
  });
  afterEach(async () => {
    for (const scene of scenes.splice(0)) await scene.close();
    await apps.close();
  });
  afterAll(async () => await server.close());

  const open = async (url = vhost.url): Promise<FaultScene> => {
    const scene = await FaultScene.open(url);
    scenes.push(scene);
    return scene;
  };
  const [one, two, three] = [numbered('q', 1), numbered('q', 1, 1), numbered('q', 1, 2)];

  it.each([
    [
      'since it is too large',
      (first: (typeof one)[number]) => ({
        ...first,
        message: { ...first.message, body: 'x'.repeat(mostBytes + 1) },
      }),
      /max_message_size/,
    ],
    [
      'since it means something else by a header of RabbitMQ',
      (first: (typeof one)[number]) => ({
        ...first,
        message: { ...first.message, headers: { ...first.message.headers, CC: 'me@example.com' } },
      }),
      /CC and BCC/,
    ],
    [
      'since nobody may publish there',
      (first: (typeof one)[number]) => ({ ...first, exchange: 'amq.rabbitmq.trace' }),
      /ACCESS_REFUSED/,
    ],
  ])('fails alone and at once, %s', async (_why, spoil, advice) => {
    const scene = await open();
    await scene.declare({ queues: [{ name: 'q' }] });
    const bad = one.map(spoil);
    // In one batch with others, and beside other batches.
    const batch = [...bad, ...two];
    const [before, refused, after] = await Promise.allSettled([
      scene.publish(three),
      scene.publish(batch),
      scene.publish(three),
    ]);
    expect(before).toMatchObject({ value: [{ kind: 'accepted' }] });
    expect(after).toMatchObject({ value: [{ kind: 'accepted' }] });
    expect(refused).toMatchObject({ reason: { code: 'LOVAGE_STORE_REFUSED' } });
    expect(refused).toMatchObject({ reason: { message: expect.stringMatching(advice) as string } });
    // Asked apart, the others are known to be there.
    expect(await scene.publish(two)).toEqual([{ kind: 'accepted' }]);
    await scene.drain(['q']);
    await scene.until('the others to come', () => scene.ids.has('1') && scene.ids.has('2'));
    expect(scene.ids.has('0')).toBe(false);
    // What may be there twice says so.
    const second = scene.deliveries.filter(({ message }) => message.headers['id'] === '1').slice(1);
    expect(second.every(({ redelivered }) => redelivered)).toBe(true);
  });

  it('fails no call of the same turn but its own', async () => {
    const { url } = vhost;
    const setup = await open();
    const full = { name: 'full', arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' } };
    await setup.declare({ queues: [full] });
    await setup.publish(numbered('full', 1));
    const app = await apps.start({ broker: url, queues: [full] });
    const [good, refused, large] = await Promise.allSettled([
      app.client.send('t'),
      app.client.send('t', { queue: 'full' }),
      app.client.send('t', { args: ['x'.repeat(mostBytes)] }),
    ]);
    expect(good.status).toBe('fulfilled');
    expect(refused).toMatchObject({
      reason: { code: 'LOVAGE_PUBLISH_FAILED', cause: { code: 'LOVAGE_STORE_REFUSED' } },
    });
    expect(large).toMatchObject({
      reason: { code: 'LOVAGE_PUBLISH_FAILED', cause: { code: 'LOVAGE_STORE_REFUSED' } },
    });
  }, 60_000);

  it('is told, where it is a result; the task ends, and others go on', async () => {
    const app = await apps.start(
      { broker: vhost.url, results: 'rpc://', worker: { concurrency: 1 } },
      { large: () => 'x'.repeat(mostBytes), small: () => 1 },
    );
    await app.client.send('large');
    const small = await app.client.send('small');
    expect(await small.get({ timeout: '30s' })).toBe(1);
    expect(apps.warnings.some((warning) => warning.includes('max_message_size'))).toBe(true);
    await waitFor(
      async () =>
        (await server.queues(vhost.name)).every(({ name, messages }) => name !== 'celery' || messages === 0),
      { withinMs: 30_000, what: 'nothing to be left' },
    );
  }, 60_000);
});
