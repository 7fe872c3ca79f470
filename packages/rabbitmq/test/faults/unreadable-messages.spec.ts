import { describeWith, RabbitServer, type RabbitVhost } from '@lovage/services';
import { FaultScene, numbered } from '../support/fault-scene.js';
import { publishRaw, type RawMessage, rawValue } from '../support/raw-message.js';

const reason = { code: 'X', text: 'x' };
const notText = (bytes: number): Buffer => Buffer.alloc(bytes, 0xff);

describeWith('rabbitmq-server', 'messages as other programs write them', () => {
  const server = new RabbitServer();
  let vhost: RabbitVhost;
  let scene: FaultScene;
  beforeAll(async () => await server.start());
  beforeEach(async () => {
    vhost = await server.createVhost();
    scene = await FaultScene.open(vhost.url);
    await scene.declare({ queues: [{ name: 'q' }] });
  });
  afterEach(async () => await scene.close());
  afterAll(async () => await server.close());

  it('come without headers, where these are nested too deep, and hold up nothing that is behind them', async () => {
    await publishRaw(vhost.url, 'q', [{ headers: [['deep', rawValue.deepList(20_000)]], body: 'body' }]);
    await scene.publish(numbered('q', 1));
    await scene.take(['q']);
    await scene.until('both to come', () => scene.deliveries.length >= 2);
    expect(scene.deliveries.map(({ message: { headers, body } }) => [headers['id'], String(body)])).toEqual([
      [undefined, 'body'],
      ['0', '[[0],{},{}]'],
    ]);
    expect(scene.lost).toEqual([]);
    expect(await scene.settle({ kind: 'park', reason }, ...scene.deliveries)).toEqual([
      { kind: 'settled' },
      { kind: 'settled' },
    ]);
  });

  it("come with the long numbers that Python's client writes", async () => {
    await publishRaw(vhost.url, 'q', [
      {
        contentType: 'application/json',
        headers: [
          ['at', rawValue.long(1_763_000_000_000n)],
          ['nested', rawValue.table([['list', rawValue.list(rawValue.text('L'), rawValue.long(-5n))]])],
        ],
        body: '[]',
      },
    ]);
    await scene.take(['q']);
    await scene.until('it to come', () => scene.deliveries.length === 1);
    expect(scene.deliveries[0]?.message.headers).toEqual({
      at: 1_763_000_000_000,
      nested: { list: ['L', -5] },
    });
    expect(scene.lost).toEqual([]);
  });

  it.each<[string, Omit<RawMessage, 'body'>]>([
    ['headers that are nested deeper than may be written', { headers: [['a', rawValue.deepList(150)]] }],
    ['headers that are nested much deeper', { headers: [['a', rawValue.deepList(3000)]] }],
    ['a header whose name is no text', { headers: [[notText(200), rawValue.nothing]] }],
    [
      'a name within a header that is no text',
      { headers: [['a', rawValue.table([[notText(200), rawValue.nothing]])]] },
    ],
    ['more headers than may be written', { headers: [['a', rawValue.bytes(Buffer.alloc(90_000, 'a'))]] }],
    ['a correlation id that is no text', { correlationId: notText(255) }],
    ['a reply queue that is no text', { replyTo: notText(255) }],
    ['a content type that is no text', { contentType: notText(255) }],
  ])('are parked and requeued all the same, with the rest of what they are: %s', async (_what, odd) => {
    const { headers = [], ...properties } = odd;
    await publishRaw(vhost.url, 'q', [
      { ...properties, headers: [['id', rawValue.text('odd')], ...headers], body: 'no task' },
    ]);
    await scene.take(['q']);
    await scene.until('it to come', () => scene.deliveries.length === 1);
    expect(await scene.settle({ kind: 'requeue' }, ...scene.deliveries)).toEqual([{ kind: 'settled' }]);
    await scene.until('it to come back', () => scene.deliveries.length === 2);
    const again = scene.deliveries[1];
    expect([again?.message.headers['id'], String(again?.message.body), again?.deliveries]).toEqual([
      'odd',
      'no task',
      2,
    ]);
    expect(await scene.settle({ kind: 'park', reason }, ...scene.deliveries.slice(1))).toEqual([
      { kind: 'settled' },
    ]);
    await scene.until('it to be parked', async () =>
      (await server.queues(vhost.name)).some(({ name, ready }) => name === 'q.parked' && ready === 1),
    );
  });

  it('reach no other queue once more, where they name some in CC, when they are put back', async () => {
    await scene.declare({ queues: [{ name: 'q' }, { name: 'other' }] });
    await scene.publish(
      numbered('q', 1).map((one) => ({
        ...one,
        message: { ...one.message, headers: { ...one.message.headers, CC: ['other'] } },
      })),
    );
    await scene.take(['q']);
    await scene.until('it to come', () => scene.deliveries.length === 1);
    await scene.settle({ kind: 'requeue' }, ...scene.deliveries);
    await scene.until('it to come back', () => scene.deliveries.length === 2);
    expect(await scene.settle({ kind: 'park', reason }, ...scene.deliveries.slice(1))).toEqual([
      { kind: 'settled' },
    ]);
    await scene.until('one copy to be in each queue', async () => {
      const queues = new Map((await server.queues(vhost.name)).map(({ name, ready }) => [name, ready]));
      return queues.get('other') === 1 && queues.get('q.parked') === 1;
    });
  });
});
