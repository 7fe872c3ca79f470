import { decodeTask } from '../../src/message/decode-task.js';
import { encodeTask } from '../../src/message/encode-task.js';
import type { SignatureJson } from '../../src/message/signature-json.js';
import type { TaskMessage } from '../../src/message/task-message.js';
import { codedError, codeOf } from './support/coded-error.js';
import { installOptionalLibraries } from './support/optional-libraries.js';
import { decoding, encoding, limits, taskId, taskMessage } from './support/sample-message.js';

installOptionalLibraries();

const signature: SignatureJson = {
  task: 'math.mul',
  args: [10],
  kwargs: {},
  options: { task_id: 'next' },
  subtask_type: null,
  immutable: false,
};

describe('encodeTask', () => {
  it('writes the headers of protocol 2, in the order of Celery', () => {
    const { headers, properties, contentType, contentEncoding, body } = encodeTask(taskMessage(), encoding);
    expect(JSON.stringify(headers)).toBe(
      JSON.stringify({
        lang: 'js',
        task: 'math.add',
        id: taskId,
        shadow: null,
        eta: null,
        expires: null,
        group: null,
        group_index: null,
        retries: 0,
        timelimit: [null, null],
        root_id: taskId,
        parent_id: null,
        argsrepr: '(2, 3)',
        kwargsrepr: '{}',
        origin: null,
        ignore_result: null,
      }),
    );
    expect(properties).toEqual({ correlationId: taskId, deliveryMode: 2 });
    expect([contentType, contentEncoding]).toEqual(['application/json', 'utf-8']);
    expect(body.toString()).toBe('[[2,3],{},{"callbacks":null,"errbacks":null,"chain":null,"chord":null}]');
  });

  it('writes every field', () => {
    const message = taskMessage({
      kwargs: { dry: true },
      embed: { callbacks: [signature], errbacks: null, chain: [signature], chord: signature },
      shadow: 'sum',
      eta: new Date(Date.UTC(2030, 0, 2, 3, 4, 5, 678)),
      expires: new Date(Date.UTC(2030, 0, 2)),
      group: 'g',
      groupIndex: 2,
      retries: 1,
      timeLimit: 30,
      softTimeLimit: 20.5,
      rootId: 'root',
      parentId: 'parent',
      argsrepr: '(secret)',
      kwargsrepr: '{hidden}',
      origin: 'gen1@host',
      ignoreResult: true,
      replacedTaskNesting: 3,
      stamps: { tenant: 'acme', trace: ['a', 'b'] },
      headers: { tenant: 'acme', nested: { n: [1, null] } },
      replyTo: 'replies',
      priority: 7,
    });
    const wire = encodeTask(message, encoding);
    expect(wire.headers).toMatchObject({
      shadow: 'sum',
      eta: '2030-01-02T03:04:05.678000+00:00',
      expires: '2030-01-02T00:00:00.000000+00:00',
      group: 'g',
      group_index: 2,
      retries: 1,
      timelimit: [30, 20.5],
      root_id: 'root',
      parent_id: 'parent',
      argsrepr: '(secret)',
      kwargsrepr: '{hidden}',
      origin: 'gen1@host',
      ignore_result: true,
      replaced_task_nesting: 3,
      stamped_headers: ['tenant', 'trace'],
      stamps: { tenant: 'acme', trace: ['a', 'b'] },
      tenant: 'acme',
      nested: { n: [1, null] },
    });
    expect(wire.properties).toEqual({
      correlationId: taskId,
      deliveryMode: 2,
      replyTo: 'replies',
      priority: 7,
    });
    expect(decodeTask(wire, decoding)).toEqual(message);
  });

  it('sets the expiration of the broker only when it is told the time', () => {
    const message = taskMessage({ expires: new Date(10_000) });
    expect(encodeTask(message, encoding).properties.expiration).toBeUndefined();
    expect(encodeTask(message, { ...encoding, nowMs: 4000.5 }).properties.expiration).toBe('5999');
    expect(encodeTask(message, { ...encoding, nowMs: 20_000 }).properties.expiration).toBe('0');
    const late = taskMessage({ expires: new Date(2 ** 33) });
    expect(encodeTask(late, { ...encoding, nowMs: 0 }).properties.expiration).toBeUndefined();
    expect(encodeTask(taskMessage(), { ...encoding, nowMs: 0 }).properties.expiration).toBeUndefined();
  });

  it('names the compression in the header and keeps the content type', () => {
    const wire = encodeTask(taskMessage({ args: ['x'.repeat(500)] }), { ...encoding, compression: 'zlib' });
    expect(wire.headers['compression']).toBe('application/x-gzip');
    expect(wire.contentType).toBe('application/json');
    expect(wire.body.length).toBeLessThan(100);
    // A zlib stream, not a gzip file.
    expect(wire.body[0]).toBe(0x78);
  });

  it('copies headers, so that a later change of the caller does not reach the message', () => {
    const nested = { n: 1 };
    const wire = encodeTask(
      taskMessage({ headers: { nested, left: undefined }, stamps: { nested } }),
      encoding,
    );
    nested.n = 2;
    expect(wire.headers).toMatchObject({ nested: { n: 1 }, stamps: { nested: { n: 1 } } });
    expect(Object.keys(wire.headers)).not.toContain('left');
  });

  it.each(['id', 'task', 'eta', 'retries', 'stamps', 'compression', 'lang', 'replaced_task_nesting'])(
    'refuses a user header named "%s"',
    (name) => {
      const error = codedError(() => encodeTask(taskMessage({ headers: { [name]: 'x' } }), encoding));
      expect(error.code).toBe('LOVAGE_MESSAGE_INVALID');
      expect(error.message).toContain(`the header "${name}" belongs to the protocol`);
    },
  );

  it.each<[string, Record<string, unknown>, string]>([
    ['a date', { at: new Date(0) }, 'headers.at has no JSON form that every broker carries'],
    ['bytes', { b: [Buffer.from('x')] }, 'headers.b[0] has no JSON form'],
    ['NaN', { n: Number.NaN }, 'headers.n has no JSON form'],
    ['a BigInt', { n: 1n }, 'headers.n has no JSON form'],
    ['a function', { f: { g: () => 1 } }, 'headers.f.g is a function'],
  ])('refuses a user header that is %s', (_title, headers, problem) => {
    const error = codedError(() => encodeTask(taskMessage({ headers }), encoding));
    expect(error.code).toBe('LOVAGE_VALUE_UNSERIALIZABLE');
    expect(error.message).toContain(problem);
  });

  it('refuses hostile header names', () => {
    const headers = JSON.parse('{"__proto__":{"admin":1}}') as Record<string, unknown>;
    expect(codeOf(() => encodeTask(taskMessage({ headers }), encoding))).toBe('LOVAGE_HOSTILE_KEY');
    const nested = { a: JSON.parse('{"__proto__":{"admin":1}}') as unknown };
    expect(codeOf(() => encodeTask(taskMessage({ headers: nested }), encoding))).toBe('LOVAGE_HOSTILE_KEY');
  });

  it.each<[string, Partial<Record<keyof TaskMessage, unknown>>]>([
    ['an empty id', { id: '' }],
    ['no id', { id: undefined }],
    ['an empty name', { task: '' }],
    ['no root id', { rootId: undefined }],
    ['arguments that are no array', { args: { 0: 1 } }],
    ['keyword arguments that are an array', { kwargs: [] }],
    ['no keyword arguments', { kwargs: null }],
    ['an invalid eta', { eta: new Date(Number.NaN) }],
    ['a year that Python has not', { expires: new Date('+010000-01-01') }],
    ['a fraction of a retry', { retries: 0.5 }],
    ['a negative position', { groupIndex: -1 }],
    ['an endless time limit', { timeLimit: Number.POSITIVE_INFINITY }],
    ['a negative soft time limit', { softTimeLimit: -1 }],
    ['a priority out of range', { priority: 256 }],
  ])('refuses %s, which would stop a Python worker or mean nothing', (_title, fields) => {
    expect(codeOf(() => encodeTask(taskMessage(fields as Partial<TaskMessage>), encoding))).toBe(
      'LOVAGE_MESSAGE_INVALID',
    );
  });

  it('says which argument can not be written, and of which task', () => {
    const error = codedError(() =>
      encodeTask(taskMessage({ kwargs: { user: { save: () => 1 } } }), encoding),
    );
    expect(error.code).toBe('LOVAGE_VALUE_UNSERIALIZABLE');
    expect(error.details).toMatchObject({ taskId, taskName: 'math.add', where: 'kwargs' });
    expect(error.message).toContain('kwargs.user.save is a function');
  });

  it('bounds the body by the same limits as the reader', () => {
    const tight = { ...encoding, limits: { maxBytes: 200, maxDecompressedBytes: 400, maxDepth: 3 } };
    const read = { ...decoding, limits: tight.limits };
    for (const value of ['x'.repeat(100), [[1]], 1]) {
      const message = taskMessage({ args: [value] });
      expect(codeOf(() => decodeTask(encodeTask(message, tight), read))).toBe(
        Array.isArray(value) ? 'LOVAGE_MESSAGE_TOO_DEEP' : 'no error',
      );
      const wire = encodeTask(message, encoding);
      expect(codeOf(() => decodeTask(wire, read))).toBe(codeOf(() => encodeTask(message, tight)));
    }
    const large = taskMessage({ args: ['x'.repeat(300)] });
    expect(codeOf(() => encodeTask(large, tight))).toBe('LOVAGE_MESSAGE_TOO_LARGE');
    expect(codeOf(() => encodeTask(large, { ...tight, compression: 'zlib' }))).toBe('no error');
    expect(codeOf(() => decodeTask(encodeTask(large, { ...tight, compression: 'zlib' }), read))).toBe(
      'no error',
    );
    const larger = taskMessage({ args: ['x'.repeat(500)] });
    expect(codeOf(() => encodeTask(larger, { ...tight, compression: 'zlib' }))).toBe(
      'LOVAGE_MESSAGE_TOO_LARGE',
    );
  });

  it('refuses unknown serializers and compressions', () => {
    expect(codeOf(() => encodeTask(taskMessage(), { ...encoding, serializer: 'pickle' as 'json' }))).toBe(
      'LOVAGE_SERIALIZER_UNKNOWN',
    );
    const error = codedError(() =>
      encodeTask(taskMessage(), { limits, serializer: 'json', compression: 'lz4' as 'zlib' }),
    );
    expect(error.code).toBe('LOVAGE_COMPRESSION_UNKNOWN');
    expect(error.message).toContain('Known: zlib, gzip, bzip2, lzma, brotli, zstd.');
  });
});
