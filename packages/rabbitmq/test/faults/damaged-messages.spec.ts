import { connect, type ChannelModel, type ConfirmChannel, type Options } from 'amqplib';
import { TaskApp } from '@lovage/core';
import { describeWith, RabbitServer, waitFor } from '@lovage/services';

jest.setTimeout(120_000);

const withinMs = 60_000;

interface Raw {
  readonly body: string | Buffer;
  readonly options: Options.Publish;
}

/** As Celery sends it. */
const good = (id: string): Raw => ({
  body: '[[1, 2], {}, {"callbacks": null, "errbacks": null, "chain": null, "chord": null}]',
  options: {
    contentType: 'application/json',
    contentEncoding: 'utf-8',
    correlationId: id,
    headers: {
      lang: 'py',
      task: 'math.add',
      id,
      root_id: id,
      parent_id: null,
      retries: 0,
      eta: null,
      expires: null,
    },
  },
});

const headers = (raw: Raw, change: Readonly<Record<string, unknown>>): Raw => {
  const { headers: before, ...options } = raw.options;
  return { ...raw, options: { ...options, headers: { ...before, ...change } } };
};
const properties = (raw: Raw, change: Options.Publish): Raw => ({
  ...raw,
  options: { ...raw.options, ...change },
});

/** What anybody may put into a queue, and the code for which it is parked; without one it runs, as nothing that matters is wrong. */
const damages: readonly (readonly [what: string, code: string | undefined, damaged: (good: Raw) => Raw])[] = [
  ['nothing at all', 'LOVAGE_CONTENT_REFUSED', () => ({ body: '', options: {} })],
  [
    'text of somebody else',
    'LOVAGE_CONTENT_REFUSED',
    () => ({ body: 'hello', options: { contentType: 'text/plain' } }),
  ],
  [
    'JSON that is no task',
    'LOVAGE_MESSAGE_INVALID',
    () => ({ body: '{"order": 7}', options: { contentType: 'application/json' } }),
  ],
  ['no headers', 'LOVAGE_MESSAGE_INVALID', (raw) => properties(raw, { headers: {} })],
  ['no task', 'LOVAGE_MESSAGE_INVALID', (raw) => headers(raw, { task: null })],
  ['a task that is a table', 'LOVAGE_MESSAGE_INVALID', (raw) => headers(raw, { task: { name: 'math.add' } })],
  ['an id that is a number', 'LOVAGE_MESSAGE_INVALID', (raw) => headers(raw, { id: 7 })],
  ['an eta in words', 'LOVAGE_MESSAGE_INVALID', (raw) => headers(raw, { eta: 'tomorrow' })],
  ['retries that are text', 'LOVAGE_MESSAGE_INVALID', (raw) => headers(raw, { retries: 'many' })],
  ['no content type', 'LOVAGE_CONTENT_REFUSED', (raw) => properties(raw, { contentType: '' })],
  [
    'an unknown content type',
    'LOVAGE_CONTENT_REFUSED',
    (raw) => properties(raw, { contentType: 'application/x-unknown' }),
  ],
  [
    'pickle',
    'LOVAGE_CONTENT_REFUSED',
    (raw) => properties(raw, { contentType: 'application/x-python-serialize', contentEncoding: 'binary' }),
  ],
  [
    'an unknown compression',
    'LOVAGE_COMPRESSION_UNKNOWN',
    (raw) => headers(raw, { compression: 'application/x-unknown' }),
  ],
  [
    'a body that was not compressed',
    'LOVAGE_BODY_UNDECODABLE',
    (raw) => headers(raw, { compression: 'application/x-gzip' }),
  ],
  ['a body that is no JSON', 'LOVAGE_BODY_UNDECODABLE', (raw) => ({ ...raw, body: '[[1, 2], {}' })],
  [
    'a body that is no text',
    'LOVAGE_BODY_UNDECODABLE',
    (raw) => ({ ...raw, body: Buffer.from([0xff, 0x00, 0xfe, 0x80]) }),
  ],
  ['a body of two elements', 'LOVAGE_MESSAGE_INVALID', (raw) => ({ ...raw, body: '[[1, 2], {}]' })],
  ['arguments that are null', 'LOVAGE_MESSAGE_INVALID', (raw) => ({ ...raw, body: '[null, {}, {}]' })],
  ['an unknown task', 'LOVAGE_TASK_UNKNOWN', (raw) => headers(raw, { task: 'math.unknown' })],
  [
    'headers of ours that lie',
    undefined,
    (raw) =>
      headers(raw, { 'x-lovage-deliveries': 'many', 'x-lovage-not-before': -1, 'x-lovage-exchange': 7 }),
  ],
  [
    'a name that objects have',
    'LOVAGE_TASK_UNKNOWN',
    (raw) => headers(raw, { task: 'constructor', __proto__: null }),
  ],
  ['a time to live that is no number', undefined, (raw) => headers(raw, { 'x-lovage-expiration': 'soon' })],
];

describeWith('rabbitmq-server', 'messages in a queue that are no good', () => {
  const server = new RabbitServer();
  const ran: unknown[] = [];
  let app: TaskApp;
  let sender: ChannelModel;
  let channel: ConfirmChannel;

  beforeAll(async () => {
    await server.start();
    const { url } = await server.createVhost();
    app = await TaskApp.create({ broker: url, queues: ['js'], worker: { concurrency: 5 } });
    app.registry.add({
      name: 'math.add',
      run: (_args, { id }) => ran.push(id),
      options: {},
      source: 'test',
    });
    await app.start();
    sender = await connect(url);
    channel = await sender.createConfirmChannel();
  });
  afterAll(async () => {
    await sender?.close();
    await app?.close();
    await server.close();
  });

  async function put({ body, options }: Raw): Promise<void> {
    channel.sendToQueue('js', typeof body === 'string' ? Buffer.from(body) : body, options);
    await channel.waitForConfirms();
  }

  async function parked() {
    const deadline = app.stores.deadline();
    const page = await app.stores.inspector?.messages({ queue: 'js', place: 'parked', limit: 100, deadline });
    return page?.messages ?? [];
  }

  it.each(damages)(
    'are kept where an operator sees them, and the worker goes on: %s',
    async (what, code, damaged) => {
      const before = (await parked()).length;
      const raw = damaged(good(`bad: ${what}`));
      await put(raw);
      await put(good(`behind: ${what}`));
      await waitFor(() => ran.includes(`behind: ${what}`), { withinMs, what: 'the good message behind it' });
      if (code === undefined) {
        await waitFor(() => ran.includes(`bad: ${what}`), {
          withinMs,
          what: 'it to run, as nothing that matters is wrong',
        });
        return;
      }
      const kept = await waitFor(
        async () => {
          const all = await parked();
          return all.length > before && all.at(-1);
        },
        { withinMs, what: 'it to be parked' },
      );
      expect(kept.reason).toMatchObject({ code, text: expect.stringMatching(/\w{3}/) });
      // As it was, so that it can be looked into.
      expect(Buffer.from(kept.message.body as Uint8Array)).toEqual(Buffer.from(raw.body));
      expect(ran).not.toContain(`bad: ${what}`);
    },
  );
});
