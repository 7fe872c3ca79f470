import { Deadline } from '@lovage/core';
import { describeWith } from '@lovage/services';
import { idOf, publicationOf } from '../support/fault-messages.js';
import { FaultScene, pause, Recorder } from '../support/fault-scene.js';

/** Every key that a queue `q` and its consumers have. */
const keys = [
  'q',
  'q\u0006\u00163',
  'q\u0006\u00166',
  'q\u0006\u00169',
  'unacked',
  'unacked_index',
  'lovage:queues',
  'lovage:exchanges',
  'lovage:leases',
  'lovage:consumers',
  'lovage:revoked',
  'lovage:sent',
  'lovage:delayed:q',
  'lovage:delayed-head:q',
  'lovage:parked:q',
  '_kombu.binding.e',
  '_kombu.binding.q',
  'lovage:changes:0',
] as const;

const fillings: Readonly<Record<string, readonly string[]>> = {
  string: ['SET', 'x'],
  list: ['RPUSH', 'x'],
  hash: ['HSET', 'x', 'y'],
  zset: ['ZADD', '1', 'x'],
  stream: ['XADD', '*', 'x', 'y'],
};

const good = (id: string): string =>
  JSON.stringify({
    properties: {
      delivery_tag: `tag-${id}`,
      delivery_info: { exchange: '', routing_key: 'q' },
      body_encoding: 'base64',
      correlation_id: id,
    },
    'content-type': 'application/json',
    'content-encoding': 'utf-8',
    headers: { id, task: 't' },
    body: 'W10=',
  });

describeWith('redis-server', 'whatever stands in the keys', () => {
  const scene = new FaultScene();

  beforeAll(async () => await scene.start());
  beforeEach(async () => await scene.reset());
  afterEach(async () => await scene.clear());
  afterAll(async () => await scene.close());

  async function parked(): Promise<
    readonly { readonly code: string; readonly text: string; readonly envelope: string }[]
  > {
    const records = await scene.redis.command('ZRANGE', 'lovage:parked:q', 0, -1);
    return (records as readonly string[]).map((record) => JSON.parse(record) as never);
  }

  it.each(keys.flatMap((key) => Object.keys(fillings).map((kind) => ({ key, kind }))))(
    'a $kind under $key: nothing is lost or comes twice, and work goes on when it is gone',
    async ({ key, kind }) => {
      const driver = await scene.driver(scene.urlOf('lease=500ms'));
      await driver.broker.declare({
        topology: { exchanges: [{ name: 'e', type: 'direct' }] },
        deadline: scene.views.deadline(),
      });
      await scene.publish(driver, ['a', 'b']);
      await scene.publish(driver, ['late'], { notBefore: Date.now() + 20 });
      // What was there stays, under another name, until the stranger has gone.
      await scene.redis.command('RENAME', key, 'aside').catch(() => undefined);
      const [command = '', ...words] = fillings[kind] ?? [];
      await scene.redis.command(command, key, ...words);
      const consumed = Recorder.open(scene, driver, { verb: { kind: 'ack' } }).catch(() => undefined);
      await pause(60);
      await scene.redis.command('DEL', key);
      await scene.redis.command('RENAME', 'aside', key).catch(() => undefined);
      const recorder = (await consumed) ?? (await Recorder.open(scene, driver, { verb: { kind: 'ack' } }));
      await scene.publish(driver, ['c']);
      const wanted = ['a', 'b', 'c', 'late'];
      await scene.until('all are delivered', () => wanted.every((id) => recorder.ids.includes(id)));
      await scene.until('all are settled', async () => await scene.settledAll());
      expect(recorder.ids.toSorted()).toStrictEqual(wanted);
    },
  );

  it('parks what is no envelope, with the reason, and delivers the rest', async () => {
    const rubbish = [
      '',
      'x',
      '{',
      'null',
      '5',
      '[]',
      '{}',
      '{"properties":null}',
      '{"properties":5,"body":"W10="}',
      good('cut').slice(0, 60),
      good('base64').replace('W10=', '%%%'),
      good('body').replace('"W10="', '5'),
      good('info').replace('{"exchange":"","routing_key":"q"}', '7'),
      good('tag').replace('"tag-tag"', '1'),
      good('empty').replace('"tag-empty"', '""'),
      good('slot').replace('"tag-slot"', '"#1"'),
      good('elsewhere')
        .replace('{"properties"', '{"headers":{"delivery_tag":"other"},"properties"')
        .replace('"W10="', '5'),
      '{"properties":null,"properties":{"delivery_tag":"twice","delivery_info":{"exchange":"","routing_key":"q"}},"body":5}',
      `${'['.repeat(5000)}${']'.repeat(5000)}`,
      `${good('behind')}x`,
    ];
    const [head = '', ...rest] = good('bytes').split('bytes');
    const bytes = [
      Buffer.concat([Buffer.from(head), Buffer.from([0xff]), Buffer.from(rest.join('bytes'))]),
      Buffer.from([0, 255, 254, 1, 128]),
      Buffer.alloc(10_000_000, 0xfe),
    ];
    const driver = await scene.driver(scene.redis.url);
    for (const one of [...rubbish, ...bytes]) await scene.redis.command('LPUSH', 'q', one);
    await scene.publish(driver, ['a', 'b']);
    const recorder = await Recorder.open(scene, driver, { verb: { kind: 'ack' } });
    await recorder.reach(2);
    await scene.until('all are settled', async () => await scene.settledAll());
    expect(recorder.ids).toStrictEqual(['a', 'b']);
    const records = await parked();
    expect(records).toHaveLength(rubbish.length + bytes.length);
    for (const { code, text } of records) {
      expect(code).toBe('LOVAGE_MESSAGE_INVALID');
      expect(text).not.toBe('');
    }
  });

  it('parks what is no delayed message, and does not move the others twice', async () => {
    const driver = await scene.driver(scene.redis.url);
    await scene.publish(driver, ['first', 'last'], { notBefore: Date.now() + 10 });
    for (const one of ['x', '', '0no line end', '7id\nenvelope', '0\nno envelope', '\n'])
      await scene.redis.command('ZADD', 'lovage:delayed:q', 1, one);
    const recorder = await Recorder.open(scene, driver, { verb: { kind: 'ack' } });
    await recorder.reach(2);
    await scene.until('all are settled', async () => await scene.settledAll());
    expect(recorder.ids.toSorted()).toStrictEqual(['first', 'last']);
    expect(await parked()).toHaveLength(6);
  });

  it('gives the same again after a lost answer, whatever stands in the message', async () => {
    const driver = await scene.driver(scene.proxyUrl());
    // Numbers that JSON has and the server can not write.
    const strange = good('huge')
      .replace('"task"', '"limit":1e999,"task"')
      .replace('{"properties"', '{ "properties"');
    await scene.redis.command('LPUSH', 'q', strange);
    const fault = scene.proxy.loseReply({
      matching: ({ args }) => args.some((arg) => arg.startsWith('#') || arg === 'q') && args.length > 6,
    });
    const recorder = await Recorder.open(scene, driver, { verb: { kind: 'ack' } });
    await recorder.reach(1);
    await fault.fired;
    await scene.until('it is settled', async () => await scene.settledAll());
    expect(recorder.ids).toStrictEqual(['huge']);
  });

  it('restores what dead consumers had, beside what can not be restored', async () => {
    const driver = await scene.driver(scene.urlOf('lease=500ms'));
    await scene.publish(driver, ['a', 'b']);
    const dead = await scene.driver(scene.urlOf('lease=500ms'));
    await (await Recorder.open(scene, dead)).reach(2);
    dead.destroy();
    const entries = [
      'x',
      '',
      '[',
      '{}',
      '[{}]',
      '["a","b","c"]',
      `[${good('here').replace('{"properties"', '{"properties":null,"properties"')}, "", "q"]`,
      `[${good('info').replace('{"exchange":"","routing_key":"q"}', '7')}, "", "q"]`,
      Buffer.from([0, 255, 254]),
    ];
    for (const [n, entry] of entries.entries()) {
      await scene.redis.command('HSET', 'unacked', `bad-${n}`, entry);
      await scene.redis.command('ZADD', 'unacked_index', '1.000000', `bad-${n}`);
      // Half of them as if a consumer of ours had them.
      if (n % 2 === 0) await scene.redis.command('HSET', 'lovage:held:gone', `bad-${n}`, '1.000000 q');
    }
    await scene.redis.command('ZADD', 'unacked_index', '1.000000', 'only in the index');
    await scene.redis.command('HSET', 'lovage:held:gone', 'nonsense', 'x');
    await scene.redis.command('ZADD', 'lovage:leases', 1, 'gone', 2, 'never was', 3, 'string');
    await scene.redis.command('SET', 'lovage:held:string', 'x');
    const recorder = await Recorder.open(scene, driver, { verb: { kind: 'ack' } });
    await scene.until('both come again', () => ['a', 'b'].every((id) => recorder.ids.includes(id)));
    expect(scene.views.warnings.filter(({ message }) => !message.includes('on disk'))).toStrictEqual([]);
    expect(recorder.ids.filter((id) => id === 'a' || id === 'b').toSorted()).toStrictEqual(['a', 'b']);
  });

  it('refuses a whole batch before it has done anything, where one place holds something else', async () => {
    const driver = await scene.driver(scene.redis.url);
    await driver.broker.declare({
      topology: { queues: [{ name: 'q' }, { name: 'r' }] },
      deadline: scene.views.deadline(),
    });
    await scene.redis.command('SET', 'r', 'of another program');
    const publications = [publicationOf('a'), publicationOf('b', undefined, 'r')];
    for (let time = 0; time < 3; time += 1) {
      await expect(
        driver.broker.publish({ publications, deadline: scene.views.deadline() }),
      ).rejects.toMatchObject({
        code: 'LOVAGE_STORE_REFUSED',
        message: expect.stringContaining('"r"') as string,
      });
    }
    expect(await scene.redis.command('LLEN', 'q')).toBe(0);
    await scene.publish(driver, ['c']);
    const recorder = await Recorder.open(scene, driver);
    await recorder.reach(1);
    const deadline = Deadline.in(scene.views.clock, 20_000);
    const [delivery] = recorder.deliveries;
    if (delivery === undefined) throw new Error('nothing came');
    for (let time = 0; time < 3; time += 1) {
      const settlement = {
        delivery,
        verb: { kind: 'ack' },
        results: [],
        publishes: publications,
        joins: [],
      } as const;
      await expect(driver.broker.settle({ settlements: [settlement], deadline })).rejects.toMatchObject({
        code: 'LOVAGE_STORE_REFUSED',
      });
    }
    expect(idOf(delivery)).toBe('c');
    expect(await scene.redis.command('LLEN', 'q')).toBe(0);
    expect(await scene.redis.command('HLEN', 'unacked')).toBe(1);
    await scene.redis.command('DEL', 'r');
    await recorder.settle({ kind: 'ack' }, [delivery], { publishes: publications });
    await recorder.reach(2);
    expect(recorder.ids).toStrictEqual(['c', 'a']);
    expect(await scene.redis.command('LLEN', 'r')).toBe(1);
  });
});
