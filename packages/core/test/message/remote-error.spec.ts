import { inspect } from 'node:util';
import { isLovageError } from '../../src/errors/lovage-error.js';
import { TASK_FAILED } from '../../src/errors/task-errors.js';
import { errorToJson, tracebackOf } from '../../src/message/error-json.js';
import { errorFromJson, isRemoteError, RemoteError } from '../../src/message/remote-error.js';

const traceback =
  'Traceback (most recent call last):\n  File "proj/tasks.py", line 45, in fail\nValueError: boom\n';

describe('RemoteError', () => {
  it('reads in a log as the error that it stands for', () => {
    const error = errorFromJson(
      { exc_type: 'ValueError', exc_message: ['boom'], exc_module: 'builtins' },
      traceback,
    );
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toBeInstanceOf(Error);
    expect(isLovageError(error, 'LOVAGE_TASK_FAILED')).toBe(true);
    expect(TASK_FAILED.is(error)).toBe(true);
    expect(error).toMatchObject({
      name: 'ValueError',
      message: 'boom',
      type: 'ValueError',
      module: 'builtins',
      args: ['boom'],
      remoteStack: traceback,
      remoteCode: undefined,
    });
    expect(String(error)).toBe('ValueError: boom');
    expect(error.stack).toBe(`ValueError: boom\n${traceback}`);
    expect(inspect(error)).toContain('proj/tasks.py');
  });

  it('says the title of a stack of JavaScript once', () => {
    const local = new TypeError('x is undefined');
    const error = errorFromJson(errorToJson(local), tracebackOf(local));
    expect(error.stack).toBe(local.stack);
  });

  it('keeps code and causes', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const local = new RangeError('no answer', { cause });
    const error = errorFromJson(errorToJson(local), tracebackOf(local));
    expect(error.cause).toMatchObject({
      name: 'Error',
      message: 'connect ECONNREFUSED',
      remoteCode: 'ECONNREFUSED',
    });
    expect(error.cause?.remoteStack).toBe(cause.stack);
    expect(isRemoteError(error.cause)).toBe(true);
  });

  it('shows several arguments as Python does', () => {
    const json = {
      exc_type: 'PaymentError',
      exc_message: ['card declined', { code: 42 }],
      exc_module: 'proj.tasks',
    };
    expect(errorFromJson(json).message).toBe("('card declined', {'code': 42})");
    expect(errorFromJson({ exc_type: 'SoftTimeLimitExceeded', exc_message: [] }).message).toBe('');
    expect(errorFromJson({ exc_type: 'SoftTimeLimitExceeded', exc_message: [] }).stack).toBe(
      'SoftTimeLimitExceeded',
    );
    expect(errorFromJson({ exc_type: 'E', exc_message: 'text' }).args).toEqual(['text']);
  });

  it.each<[string, unknown, string, string]>([
    ['null', null, 'Error', 'the worker stored no error'],
    ['nothing', undefined, 'Error', 'the worker stored no error'],
    ['text', 'it broke', 'Error', 'it broke'],
    ['a number', 5, 'Error', '(5,)'],
    ['an array', ['a', 1], 'Error', "(['a', 1],)"],
    ['an object of something else', { a: 1 }, 'Error', "({'a': 1},)"],
    ['fields of wrong types', { exc_type: 5, exc_message: null, exc_module: [], lovage: 'x' }, 'Error', ''],
    [
      'a cause of a wrong type',
      { exc_type: 'E', exc_message: ['m'], lovage: { cause: 5, code: {}, stack: [] } },
      'E',
      'm',
    ],
  ])('is made even from %s', (_title, json, type, message) => {
    const error = errorFromJson(json, null);
    expect([error.type, error.message]).toEqual([type, message]);
  });

  it('looks nothing up by name', () => {
    const error = errorFromJson({ exc_type: 'constructor', exc_module: 'os', exc_message: ['__proto__'] });
    expect(error).toMatchObject({ name: 'constructor', module: 'os', message: '__proto__' });
    expect(Object.getPrototypeOf(error)).toBe(RemoteError.prototype);
  });

  it('bounds a chain of causes made by somebody else', () => {
    let json: Record<string, unknown> = { exc_type: 'End', exc_message: [] };
    for (let i = 0; i < 100; i++) json = { exc_type: 'E', exc_message: [], lovage: { cause: json } };
    let count = 0;
    for (let error: RemoteError | undefined = errorFromJson(json); error !== undefined; error = error.cause)
      count++;
    expect(count).toBe(9);
  });
});
