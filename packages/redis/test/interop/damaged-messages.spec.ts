import { type CeleryClient, describeWith, waitFor } from '@lovage/services';
import { PythonAndLovage, withinMs } from '../support/python-and-lovage.js';

jest.setTimeout(120_000);

interface Envelope {
  body: string;
  'content-type'?: string;
  'content-encoding': string;
  headers: Record<string, unknown> | null;
  properties: Record<string, unknown>;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const without = (record: object, ...names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));

/** What Python workers die of, lose, or drop without a word, made from a message of Python; and the code for which we park it. */
const damages: readonly (readonly [what: string, code: string, damaged: (good: Envelope) => unknown])[] = [
  ['no JSON', 'LOVAGE_MESSAGE_INVALID', () => '{"body": "W10='],
  ['JSON but no object', 'LOVAGE_MESSAGE_INVALID', () => '[1, 2]'],
  ['null', 'LOVAGE_MESSAGE_INVALID', () => 'null'],
  ['an empty element', 'LOVAGE_MESSAGE_INVALID', () => ''],
  ['no properties', 'LOVAGE_MESSAGE_INVALID', (good) => without(good, 'properties')],
  [
    'no delivery tag',
    'LOVAGE_MESSAGE_INVALID',
    (good) => ({ ...good, properties: without(good.properties, 'delivery_tag') }),
  ],
  [
    'no delivery info',
    'LOVAGE_MESSAGE_INVALID',
    (good) => ({ ...good, properties: without(good.properties, 'delivery_info') }),
  ],
  [
    'no exchange',
    'LOVAGE_MESSAGE_INVALID',
    (good) => ({ ...good, properties: { ...good.properties, delivery_info: { routing_key: 'x' } } }),
  ],
  [
    'no routing key',
    'LOVAGE_MESSAGE_INVALID',
    (good) => ({ ...good, properties: { ...good.properties, delivery_info: { exchange: '' } } }),
  ],
  ['no body', 'LOVAGE_MESSAGE_INVALID', (good) => without(good, 'body')],
  ['a body that is no base64', 'LOVAGE_MESSAGE_INVALID', (good) => ({ ...good, body: '*** no base64 ***' })],
  ['a body of two elements', 'LOVAGE_MESSAGE_INVALID', (good) => ({ ...good, body: base64('[[], {}]') })],
  ['a body that is no JSON', 'LOVAGE_BODY_UNDECODABLE', (good) => ({ ...good, body: base64('[[], {}') })],
  ['kwargs null', 'LOVAGE_MESSAGE_INVALID', (good) => ({ ...good, body: base64('[[], null, {}]') })],
  ['no content type', 'LOVAGE_CONTENT_REFUSED', (good) => without(good, 'content-type')],
  [
    'pickle',
    'LOVAGE_CONTENT_REFUSED',
    (good) => ({ ...good, 'content-type': 'application/x-python-serialize', 'content-encoding': 'binary' }),
  ],
  [
    'a content type with a charset',
    'LOVAGE_CONTENT_REFUSED',
    (good) => ({ ...good, 'content-type': 'application/json; charset=utf-8' }),
  ],
  ['headers null', 'LOVAGE_MESSAGE_INVALID', (good) => ({ ...good, headers: null })],
  [
    'no task',
    'LOVAGE_MESSAGE_INVALID',
    (good) => ({ ...good, headers: without(good.headers ?? {}, 'task') }),
  ],
  ['no id', 'LOVAGE_MESSAGE_INVALID', (good) => ({ ...good, headers: without(good.headers ?? {}, 'id') })],
  ['an empty eta', 'LOVAGE_MESSAGE_INVALID', (good) => ({ ...good, headers: { ...good.headers, eta: '' } })],
  [
    'an eta in words',
    'LOVAGE_MESSAGE_INVALID',
    (good) => ({ ...good, headers: { ...good.headers, eta: 'tomorrow' } }),
  ],
  [
    'an empty expiry',
    'LOVAGE_MESSAGE_INVALID',
    (good) => ({ ...good, headers: { ...good.headers, expires: '' } }),
  ],
  [
    'an expiry in seconds',
    'LOVAGE_MESSAGE_INVALID',
    (good) => ({ ...good, headers: { ...good.headers, expires: 60 } }),
  ],
  [
    'an unknown compression',
    'LOVAGE_COMPRESSION_UNKNOWN',
    (good) => ({ ...good, headers: { ...good.headers, compression: 'application/x-unknown' } }),
  ],
  [
    'a body that was not compressed',
    'LOVAGE_BODY_UNDECODABLE',
    (good) => ({ ...good, headers: { ...good.headers, compression: 'application/x-gzip' } }),
  ],
  [
    'an unknown task',
    'LOVAGE_TASK_UNKNOWN',
    (good) => ({ ...good, headers: { ...good.headers, task: 'interop.unknown' } }),
  ],
];

describeWith(['redis-server', 'celery'], 'damaged messages among those of Python', () => {
  const stage = new PythonAndLovage();
  const ran: string[] = [];
  let client: CeleryClient;
  let good: Envelope;

  beforeAll(async () => {
    await stage.start();
    const worker = { queues: ['js'], concurrency: 5 };
    const tasks = { 'interop.add': (_args: unknown, task: { readonly id: string }) => ran.push(task.id) };
    [client] = await Promise.all([stage.client(), stage.lovage({ queues: ['js'], worker }, tasks)]);
    await client.send({ name: 'interop.add', args: [1, 2], options: { queue: 'aside' } });
    const [text = ''] = (await stage.redis.command('LRANGE', 'aside', 0, 0)) as readonly string[];
    good = JSON.parse(text) as Envelope;
  });

  afterEach(async () => {
    await stage.redis.command('DEL', 'lovage:parked:js');
  });

  afterAll(async () => await stage.close());

  const settled = async (): Promise<void> => {
    await waitFor(async () => (await stage.redis.command('EXISTS', 'js', 'unacked', 'unacked_index')) === 0, {
      withinMs,
      what: 'nothing to be left in hand',
    });
  };

  it.each(damages)(
    'are kept where an operator sees them, and the worker goes on: %s',
    async (_what, code, damaged) => {
      // With a tag and an id of its own, as each has.
      const tag = `tag-${ran.length}`;
      const own = {
        ...good,
        headers: { ...good.headers, id: `id-${tag}` },
        properties: { ...good.properties, delivery_tag: tag },
      };
      const made = damaged(own);
      const text = typeof made === 'string' ? made : JSON.stringify(made);
      const before = ran.length;
      await stage.redis.command('LPUSH', 'js', text);
      const id = await client.send({ name: 'interop.add', args: [1, 2], options: { queue: 'js' } });
      await waitFor(() => ran.length > before, { withinMs, what: 'the good message behind it' });
      expect(ran.at(-1)).toBe(id);
      const parked = await waitFor(
        async () => {
          const found = await stage.messages('js', 'parked');
          return found.length === 1 && found;
        },
        { withinMs, what: 'the damaged one to be kept' },
      );
      expect(parked[0]?.reason).toMatchObject({ code, text: expect.stringMatching(/\w{3}/) });
      // Byte for byte, so that it can be looked into and sent again.
      const [record = ''] = (await stage.redis.command(
        'ZRANGE',
        'lovage:parked:js',
        0,
        -1,
      )) as readonly string[];
      expect((JSON.parse(record) as { envelope: string }).envelope).toBe(text);
      await settled();
    },
  );

  it('that are no text are kept too', async () => {
    await stage.redis.command('LPUSH', 'js', Buffer.from([0xff, 0x00, 0xfe, 0x80]));
    await waitFor(async () => (await stage.messages('js', 'parked')).length === 1, {
      withinMs,
      what: 'it to be kept',
    });
    await settled();
    expect(await stage.redis.command('EXISTS', 'js')).toBe(0);
  });

  it('with arguments that are no list fail as tasks', async () => {
    const headers = { ...good.headers, id: 'no-args' };
    const properties = { ...good.properties, delivery_tag: 'no-args' };
    await stage.redis.command(
      'LPUSH',
      'js',
      JSON.stringify({ ...good, headers, properties, body: base64('[null, {}, {}]') }),
    );
    const outcome = await client.get('no-args').catch((error: unknown) => error);
    expect(outcome).toMatchObject({ status: 'FAILURE' });
  });

  it('run where only what Celery can do without is missing', async () => {
    for (const [id, headers, body] of [
      ['no-embed', {}, '[[], {}, null]'],
      ['empty-embed', {}, '[[], {}, {}]'],
      ['null-headers', { timelimit: null, retries: null, eta: null, expires: null }, '[[], {}, {}]'],
    ] as const) {
      const envelope = {
        body: base64(body),
        'content-type': 'application/json',
        'content-encoding': 'utf-8',
        headers: { task: 'interop.add', id, ...headers },
        properties: {
          delivery_tag: id,
          delivery_info: { exchange: '', routing_key: 'js' },
          body_encoding: 'base64',
        },
      };
      await stage.redis.command('LPUSH', 'js', JSON.stringify(envelope));
      await waitFor(() => ran.at(-1) === id, { withinMs, what: `${id} to run` });
    }
    expect(ran).toEqual(expect.arrayContaining(['no-embed', 'empty-embed', 'null-headers']));
  });
});
