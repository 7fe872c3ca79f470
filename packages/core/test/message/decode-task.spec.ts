import { decodeTask } from '../../src/message/decode-task.js';
import { noEmbed } from '../../src/message/no-embed.js';
import type { WireMessage } from '../../src/message/wire-message.js';
import { codedError, codeOf } from './support/coded-error.js';
import { decoding, taskId, taskMessage, wireMessage } from './support/sample-message.js';

const embed = { callbacks: null, errbacks: null, chain: null, chord: null };

describe('decodeTask', () => {
  it('reads the least that Celery runs', () => {
    const message = decodeTask(
      {
        ...wireMessage({ body: [[1], { a: 2 }, null] }),
        headers: { task: 'math.add', id: 'x' },
        properties: {},
      },
      decoding,
    );
    expect(message).toEqual({ ...taskMessage({ id: 'x', rootId: 'x', args: [1], kwargs: { a: 2 } }) });
  });

  it.each<[string, unknown]>([
    ['no embed', null],
    ['an empty embed', {}],
  ])('takes %s for nothing that follows', (_title, value) => {
    expect(decodeTask(wireMessage({ body: [[], {}, value] }), decoding).embed).toEqual(noEmbed);
  });

  it('takes a single signature for an array of one, and fills in what it leaves out', () => {
    const full = { task: 'a', args: [], kwargs: {}, options: {}, subtask_type: null, immutable: false };
    const body = [
      [],
      {},
      { ...embed, callbacks: { task: 'a' }, chain: [{ task: 'b', args: null, kwargs: { n: 1 } }] },
    ];
    expect(decodeTask(wireMessage({ body }), decoding).embed).toEqual({
      ...noEmbed,
      callbacks: [full],
      chain: [{ ...full, task: 'b', kwargs: { n: 1 } }],
    });
  });

  it('reads times with and without an offset', () => {
    const headers = { eta: '2030-01-02T03:04:05+05:30', expires: '2030-01-02T03:04:05' };
    expect(decodeTask(wireMessage({ headers }), decoding)).toMatchObject({
      eta: new Date(Date.UTC(2030, 0, 1, 21, 34, 5)),
      expires: new Date(Date.UTC(2030, 0, 2, 3, 4, 5)),
    });
  });

  it('reads the time limits in their order, 0 as none', () => {
    expect(decodeTask(wireMessage({ headers: { timelimit: [30, 20.5] } }), decoding)).toMatchObject({
      timeLimit: 30,
      softTimeLimit: 20.5,
    });
    expect(decodeTask(wireMessage({ headers: { timelimit: [0, null] } }), decoding)).toMatchObject({
      timeLimit: undefined,
      softTimeLimit: undefined,
    });
  });

  it('keeps the headers of users, and drops those of transports', () => {
    const headers = {
      tenant: 'acme',
      redelivered: true,
      periodic_task_name: 'nightly',
      'x-death': [{ count: 1 }],
    };
    expect(decodeTask(wireMessage({ headers }), decoding).headers).toEqual({
      tenant: 'acme',
      periodic_task_name: 'nightly',
      'x-death': [{ count: 1 }],
    });
  });

  it('takes null and missing headers for not set', () => {
    const names = [
      'shadow',
      'eta',
      'expires',
      'group',
      'group_index',
      'retries',
      'timelimit',
      'root_id',
      'stamps',
    ];
    for (const value of [null, undefined]) {
      const headers = Object.fromEntries(names.map((name) => [name, value]));
      expect(decodeTask(wireMessage({ headers }), decoding)).toMatchObject({
        retries: 0,
        rootId: taskId,
        eta: undefined,
      });
    }
  });

  describe('protocol 1', () => {
    const bare = (body: unknown, headers: Record<string, unknown> = {}): WireMessage => ({
      ...wireMessage({ body }),
      headers,
    });

    it('needs only a task and an id', () => {
      expect(decodeTask(bare({ task: 'a', id: 'x' }), decoding)).toEqual(
        taskMessage({ id: 'x', task: 'a', args: [], rootId: 'x' }),
      );
    });

    it('reads all from the body, and user headers from the headers', () => {
      const body = {
        task: 'a',
        id: 'x',
        args: [1],
        kwargs: { k: 2 },
        group: 'old',
        taskset: 'g',
        group_index: 3,
        retries: 2,
        eta: '2030-01-02T03:04:05Z',
        expires: null,
        utc: true,
        callbacks: [{ task: 'next' }],
        errbacks: null,
        timelimit: [10, 5],
        chord: { task: 'body' },
      };
      expect(decodeTask(bare(body, { tenant: 'acme' }), decoding)).toMatchObject({
        id: 'x',
        args: [1],
        kwargs: { k: 2 },
        group: 'g',
        groupIndex: 3,
        retries: 2,
        eta: new Date(Date.UTC(2030, 0, 2, 3, 4, 5)),
        timeLimit: 10,
        softTimeLimit: 5,
        headers: { tenant: 'acme' },
        embed: { callbacks: [{ task: 'next' }], chain: null, chord: { task: 'body' } },
      });
    });

    it('reads naive times in the zone of the worker where the sender says so', () => {
      const eta = '2030-07-02T03:04:05';
      expect(decodeTask(bare({ task: 'a', id: 'x', eta, utc: false }), decoding).eta).toEqual(
        new Date(2030, 6, 2, 3, 4, 5),
      );
      expect(decodeTask(bare({ task: 'a', id: 'x', eta, utc: true }), decoding).eta).toEqual(
        new Date(Date.UTC(2030, 6, 2, 3, 4, 5)),
      );
    });

    it('lets the headers win in the hybrid of both protocols', () => {
      const body = {
        task: 'old',
        id: 'old',
        args: [1],
        kwargs: { k: 1 },
        retries: 5,
        origin: 'body',
        chord: { task: 'c' },
      };
      const headers = { task: 'a', id: 'x', retries: 1, tenant: 'acme' };
      expect(decodeTask(bare(body, headers), decoding)).toMatchObject({
        task: 'a',
        id: 'x',
        args: [1],
        kwargs: { k: 1 },
        retries: 1,
        origin: 'body',
        headers: { tenant: 'acme' },
        embed: { chord: { task: 'c' } },
      });
    });
  });

  // What stops, or is dropped by, a Python worker.
  it.each<[string, WireMessage]>([
    ['no id', wireMessage({ headers: { id: undefined } })],
    ['an empty id', wireMessage({ headers: { id: '' } })],
    ['an id that is a number', wireMessage({ headers: { id: 5 } })],
    ['no task', wireMessage({ headers: { task: undefined } })],
    ['a task that is an object', wireMessage({ headers: { task: {} } })],
    ['an empty eta', wireMessage({ headers: { eta: '' } })],
    ['an empty expires', wireMessage({ headers: { expires: '' } })],
    ['an eta that is a number', wireMessage({ headers: { eta: 60 } })],
    ['an eta that is no time', wireMessage({ headers: { eta: 'tomorrow' } })],
    ['a body of two elements', wireMessage({ body: [[], {}] })],
    ['a body of four elements', wireMessage({ body: [[], {}, embed, 1] })],
    ['an empty body array', wireMessage({ body: [] })],
    ['a body array of one', wireMessage({ bytes: Buffer.from(`[${JSON.stringify(embed)}]`) })],
    ['a body that ends as usual, but is no array of three', wireMessage({ body: [1, 2, 3, embed] })],
    ['a body that is text', wireMessage({ body: 'hello' })],
    ['a body that is null', wireMessage({ body: null })],
    ['a body that is an object of something else', wireMessage({ body: { hello: 'world' } })],
    ['no arguments', wireMessage({ body: [null, {}, embed] })],
    ['arguments that are an object', wireMessage({ body: [{}, {}, embed] })],
    ['no keyword arguments', wireMessage({ body: [[], null, embed] })],
    ['keyword arguments that are an array', wireMessage({ body: [[], [], embed] })],
    ['an embed that is an array', wireMessage({ body: [[], {}, []] })],
    ['a callback without a task', wireMessage({ body: [[], {}, { callbacks: [{}] }] })],
    ['a callback that is text', wireMessage({ body: [[], {}, { callbacks: ['math.add'] }] })],
    ['a chain of wrong arguments', wireMessage({ body: [[], {}, { chain: [{ task: 'a', args: 1 }] }] })],
    ['retries that are negative', wireMessage({ headers: { retries: -1 } })],
    ['retries that are text', wireMessage({ headers: { retries: '1' } })],
    ['retries beyond all numbers', wireMessage({ headers: { retries: 1e300 } })],
    ['a position that is a fraction', wireMessage({ headers: { group_index: 0.5 } })],
    ['time limits of one element', wireMessage({ headers: { timelimit: [1] } })],
    ['time limits that are text', wireMessage({ headers: { timelimit: ['1', null] } })],
    ['a negative time limit', wireMessage({ headers: { timelimit: [-1, null] } })],
    ['ignore_result that is text', wireMessage({ headers: { ignore_result: 'yes' } })],
    ['stamps that are an array', wireMessage({ headers: { stamps: ['a'] } })],
    ['a compression that is a number', wireMessage({ headers: { compression: 1 } })],
    ['a priority out of range', wireMessage({ properties: { priority: 1000 } })],
    ['no headers', { ...wireMessage(), headers: null as never }],
    ['headers that are an array', { ...wireMessage(), headers: [] as never }],
    ['no body', { ...wireMessage(), body: undefined as never }],
    ['a protocol 1 body without an id', { ...wireMessage({ body: { task: 'a' } }), headers: {} }],
    [
      'a protocol 1 body with kwargs null',
      { ...wireMessage({ body: { task: 'a', id: 'x', kwargs: null } }), headers: {} },
    ],
    ['a hybrid without args', wireMessage({ body: { kwargs: {} } })],
  ])('refuses a message with %s', (_title, message) => {
    expect(codeOf(() => decodeTask(message, decoding))).toBe('LOVAGE_MESSAGE_INVALID');
  });

  it.each<[string, WireMessage, string]>([
    ['no content type', wireMessage({ contentType: undefined as never }), 'LOVAGE_CONTENT_REFUSED'],
    [
      'a content type with a charset',
      wireMessage({ contentType: 'application/json; charset=utf-8' }),
      'LOVAGE_CONTENT_REFUSED',
    ],
    ['plain text', wireMessage({ contentType: 'text/plain' }), 'LOVAGE_CONTENT_REFUSED'],
    ['pickle', wireMessage({ contentType: 'application/x-python-serialize' }), 'LOVAGE_CONTENT_REFUSED'],
    ['broken JSON', wireMessage({ bytes: Buffer.from('[[1') }), 'LOVAGE_BODY_UNDECODABLE'],
    ['an empty body', wireMessage({ bytes: Buffer.alloc(0) }), 'LOVAGE_BODY_UNDECODABLE'],
    [
      'an unknown compression',
      wireMessage({ headers: { compression: 'application/x-snappy' } }),
      'LOVAGE_COMPRESSION_UNKNOWN',
    ],
    [
      'a compression that it does not have',
      wireMessage({ headers: { compression: 'application/x-gzip' } }),
      'LOVAGE_BODY_UNDECODABLE',
    ],
    [
      'a body beyond the limit',
      wireMessage({ bytes: Buffer.alloc(2 << 20, '[') }),
      'LOVAGE_MESSAGE_TOO_LARGE',
    ],
    ['deep nesting', wireMessage({ bytes: Buffer.alloc(1 << 20, '[') }), 'LOVAGE_MESSAGE_TOO_DEEP'],
    [
      'a hostile key in its arguments',
      wireMessage({ bytes: Buffer.from('[[{"__proto__":{}}],{},{}]') }),
      'LOVAGE_HOSTILE_KEY',
    ],
    [
      'a hostile keyword argument',
      wireMessage({ bytes: Buffer.from('[[],{"__proto__":1},{}]') }),
      'LOVAGE_HOSTILE_KEY',
    ],
    [
      'a hostile constructor',
      wireMessage({ body: [[], { constructor: { prototype: { admin: true } } }, {}] }),
      'LOVAGE_HOSTILE_KEY',
    ],
    [
      'a hostile header',
      wireMessage({ headers: { a: JSON.parse('[{"__proto__":{"admin":true}}]') as unknown } }),
      'LOVAGE_HOSTILE_KEY',
    ],
    [
      'a hostile header name',
      { ...wireMessage(), headers: JSON.parse('{"task":"a","id":"x","__proto__":{"admin":true}}') as never },
      'LOVAGE_HOSTILE_KEY',
    ],
    [
      'headers whose prototype was set by a reader',
      {
        ...wireMessage(),
        headers: Object.assign(Object.create({ id: 'x' }), { task: 'a' }) as never,
      },
      'LOVAGE_HOSTILE_KEY',
    ],
    [
      'stamps with a hostile key',
      wireMessage({ headers: { stamps: JSON.parse('{"__proto__":1}') as unknown } }),
      'LOVAGE_HOSTILE_KEY',
    ],
    [
      'a deep header',
      wireMessage({ headers: { a: JSON.parse('['.repeat(100) + ']'.repeat(100)) as unknown } }),
      'LOVAGE_MESSAGE_TOO_DEEP',
    ],
  ])('refuses a message with %s', (_title, message, code) => {
    expect(codeOf(() => decodeTask(message, decoding))).toBe(code);
  });

  it('never accepts pickle, whatever it is told to accept', () => {
    const type = 'application/x-python-serialize';
    const message = wireMessage({ contentType: type });
    expect(codeOf(() => decodeTask(message, { ...decoding, acceptContent: new Set([type]) }))).toBe(
      'LOVAGE_CONTENT_REFUSED',
    );
  });

  it('reads only what is accepted', () => {
    const acceptContent = new Set(['application/x-msgpack']);
    const error = codedError(() => decodeTask(wireMessage(), { ...decoding, acceptContent }));
    expect(error.message).toContain(
      'content type "application/json" is not accepted (accepted: application/x-msgpack)',
    );
  });

  it('names the task in each error, as far as it could be read', () => {
    const broken = wireMessage({ bytes: Buffer.from('[') });
    expect(codedError(() => decodeTask(broken, decoding)).details).toMatchObject({
      taskId,
      taskName: 'math.add',
    });
    const legacy = { ...wireMessage({ body: { task: 'a', id: 'x', eta: '' } }), headers: {} };
    expect(codedError(() => decodeTask(legacy, decoding)).details).toMatchObject({
      taskId: 'x',
      taskName: 'a',
    });
    const nameless = wireMessage({ headers: { task: undefined, id: undefined }, bytes: Buffer.from('[') });
    expect(codedError(() => decodeTask(nameless, decoding)).details).toMatchObject({
      taskId,
      taskName: undefined,
    });
  });

  it('shows nothing of the arguments in its errors', () => {
    for (const text of [
      '[["secret"',
      '[["secret", {"__proto__": 1}],{},{}]',
      '[["secret"],{},{},1]',
      '[["secret"],null,{}]',
    ]) {
      expect(
        codedError(() => decodeTask(wireMessage({ bytes: Buffer.from(text) }), decoding)).message,
      ).not.toContain('secret');
    }
  });

  it('turns what nobody foresaw into a coded error', () => {
    const hostile = new Proxy({} as WireMessage, {
      get: () => {
        throw new Error('no');
      },
    });
    expect(codeOf(() => decodeTask(hostile, decoding))).toBe('LOVAGE_MESSAGE_INVALID');
  });
});
