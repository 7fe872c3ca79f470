import { MAX_RETRIES_EXCEEDED, TASK_REVOKED, TASK_UNKNOWN } from '../../src/errors/task-errors.js';
import { errorToJson, tracebackOf } from '../../src/message/error-json.js';
import { errorFromJson } from '../../src/message/remote-error.js';

class PaymentError extends Error {
  readonly code = 'CARD_DECLINED';
}

describe('errorToJson', () => {
  it('keeps class, message and code in the fields of Celery and one of its own', () => {
    expect(errorToJson(new TypeError('x is undefined'))).toEqual({
      exc_type: 'TypeError',
      exc_message: ['x is undefined'],
      exc_module: null,
    });
    expect(errorToJson(new PaymentError('card declined'))).toEqual({
      exc_type: 'PaymentError',
      exc_message: ['card declined'],
      exc_module: null,
      lovage: { code: 'CARD_DECLINED' },
    });
  });

  it('keeps the chain of causes with their stacks', () => {
    const root = new RangeError('root');
    const json = errorToJson(new Error('top', { cause: new PaymentError('middle', { cause: root }) }));
    expect(json).toMatchObject({
      exc_type: 'Error',
      lovage: {
        cause: {
          exc_type: 'PaymentError',
          lovage: { code: 'CARD_DECLINED', cause: { exc_type: 'RangeError', lovage: { stack: root.stack } } },
        },
      },
    });
    expect(json.lovage?.stack).toBeUndefined();
  });

  it('takes the first error of an AggregateError for its cause', () => {
    const json = errorToJson(
      new AggregateError([new Error('connect ECONNREFUSED ::1'), new Error('second')]),
    );
    expect(json.exc_type).toBe('AggregateError');
    expect(json.lovage?.cause?.exc_message).toEqual(['connect ECONNREFUSED ::1']);
  });

  it('ends at a circle of causes and bounds a long chain', () => {
    const one: Error & { cause?: unknown } = new Error('one');
    one.cause = new Error('two', { cause: one });
    expect(errorToJson(one).lovage?.cause?.lovage?.cause).toBeUndefined();
    let chain = new Error('end');
    for (let i = 0; i < 1000; i++) chain = new Error(`error ${i}`, { cause: chain });
    const text = JSON.stringify(errorToJson(chain));
    expect(text.match(/exc_type/g)).toHaveLength(9);
    expect(text.length).toBeLessThan(100_000);
  });

  it('bounds every text', () => {
    const error = new Error('x'.repeat(10_000_000), { cause: new Error('y'.repeat(10_000_000)) });
    error.name = 'N'.repeat(10_000);
    (error as Error & { code: string }).code = 'C'.repeat(10_000);
    const json = errorToJson(error);
    expect(JSON.stringify(json).length).toBeLessThan(60_000);
    expect(String(json.exc_message[0])).toMatch(/x… \(9983616 characters more\)$/);
    expect(json.exc_type).toHaveLength(200);
  });

  it('makes a name of any text that Python can have for a class', () => {
    const error = new Error('x');
    error.name = 'My.Error [v2] ü';
    expect(errorToJson(error).exc_type).toBe('My_Error_v2_');
    error.name = '💥';
    expect(errorToJson(error).exc_type).toBe('_');
  });

  it.each<[string, unknown, string, string]>([
    ['text', 'out of paper', 'NonError', 'out of paper'],
    ['nothing', undefined, 'NonError', 'undefined was thrown'],
    ['null', null, 'NonError', 'null was thrown'],
    ['a number', 42, 'NonError', '42 was thrown'],
    ['a BigInt', 42n, 'NonError', '42 was thrown'],
    ['a symbol', Symbol('s'), 'NonError', 'Symbol(s) was thrown'],
    ['a function', () => 1, 'NonError', 'a function was thrown'],
    ['a plain object', { status: 404 }, 'NonError', '{"status":404} was thrown'],
    ['an array', [1], 'NonError', '[1] was thrown'],
    ['an object like an error', { name: 'HttpError', message: 'not found' }, 'HttpError', 'not found'],
    ['an object with a message', { message: 'm' }, 'Error', 'm'],
    ['an object without a prototype', Object.assign(Object.create(null), { message: 'm' }), 'Error', 'm'],
    ['a DOMException', new DOMException('too late', 'AbortError'), 'AbortError', 'too late'],
    ['an error without a message', new Error(), 'Error', ''],
  ])('makes sense of %s', (_title, thrown, type, message) => {
    expect(errorToJson(thrown)).toMatchObject({ exc_type: type, exc_message: [message], exc_module: null });
    expect(tracebackOf(thrown)).toContain(message);
  });

  const throwing = (): never => {
    throw new Error('no');
  };
  const traps = ['get', 'has', 'getPrototypeOf', 'ownKeys', 'getOwnPropertyDescriptor'] as const;
  const { proxy: revoked, revoke } = Proxy.revocable({}, {});
  revoke();
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  it.each<[string, unknown]>([
    [
      'getters that throw',
      Object.defineProperties(
        {},
        { message: { get: throwing }, name: { get: throwing }, stack: { get: throwing } },
      ),
    ],
    [
      'an error with getters that throw',
      Object.defineProperties(new Error('x'), { message: { get: throwing }, cause: { get: throwing } }),
    ],
    ['a proxy whose traps throw', new Proxy({}, Object.fromEntries(traps.map((trap) => [trap, throwing])))],
    [
      'a proxy of an error',
      new Proxy(new Error('x'), Object.fromEntries(traps.map((trap) => [trap, throwing]))),
    ],
    ['a revoked proxy', revoked],
    ['a circle', cyclic],
    ['toJSON that throws', { toJSON: throwing }],
    ['fields of other types', { message: 5, name: {}, stack: [], code: 7, cause: 0 }],
    ['a constructor that is none', { message: 'm', constructor: 5 }],
    ['errors that are a hostile array', { message: 'm', errors: new Proxy([], { get: throwing }) }],
  ])('survives %s', (_title, thrown) => {
    const json = errorToJson(thrown);
    expect(json.exc_type).toMatch(/^\w+$/);
    expect(json.exc_message).toHaveLength(1);
    expect(() => JSON.stringify(json)).not.toThrow();
    expect(typeof tracebackOf(thrown)).toBe('string');
  });

  it('writes what Celery has a class for as Celery does', () => {
    expect(errorToJson(TASK_REVOKED.create({ taskId: 't', reason: 'expired' }))).toMatchObject({
      exc_type: 'TaskRevokedError',
      exc_message: ['expired'],
      exc_module: 'celery.exceptions',
      lovage: { code: 'LOVAGE_TASK_REVOKED', message: 'task t was expired and has no result.' },
    });
    expect(errorToJson(TASK_UNKNOWN.create({ taskName: 'no.such', registered: 3 }))).toMatchObject({
      exc_type: 'NotRegistered',
      exc_message: ['no.such'],
      exc_module: 'celery.exceptions',
    });
    expect(
      errorToJson(MAX_RETRIES_EXCEEDED.create({ taskName: 'a', taskId: 't', maxRetries: 3 })),
    ).toMatchObject({
      exc_type: 'MaxRetriesExceededError',
      exc_module: 'celery.exceptions',
    });
  });

  it('hands on the error of another worker as it came', () => {
    const original = { exc_type: 'ValueError', exc_message: ['boom', 2], exc_module: 'builtins' };
    const json = errorToJson(errorFromJson(original, 'Traceback …'));
    expect(json).toEqual({ ...original, lovage: { message: "('boom', 2)" } });
    const wrapped = errorToJson(new Error('outer', { cause: errorFromJson(original, 'Traceback …') }));
    expect(wrapped.lovage?.cause).toEqual({
      ...original,
      lovage: { message: "('boom', 2)", stack: 'Traceback …' },
    });
  });
});

describe('tracebackOf', () => {
  it('shows the stack and those of the causes', () => {
    const text = tracebackOf(new Error('top', { cause: new PaymentError('root') }));
    expect(text).toMatch(/^Error: top\n {4}at /);
    expect(text).toMatch(/\ncaused by: Error: root\n {4}at /);
  });

  it('is bounded', () => {
    const error = new Error('x');
    error.stack = 's'.repeat(1_000_000);
    expect(tracebackOf(error).length).toBeLessThan(17_000);
    error.cause = error;
    expect(tracebackOf(error).length).toBeLessThan(17_000);
  });

  it('shows the traceback of the worker in which the error came up', () => {
    expect(
      tracebackOf(
        errorFromJson({ exc_type: 'E', exc_message: ['m'] }, 'Traceback (most recent call last): …'),
      ),
    ).toBe('Traceback (most recent call last): …');
  });
});
