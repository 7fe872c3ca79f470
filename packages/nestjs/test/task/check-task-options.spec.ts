import { z } from 'zod';
import { checkTaskOptions } from '../../src/task/check-task-options.js';
import { coded } from '../support/errors.js';

describe('the options of @Task()', () => {
  it.each([
    [{}],
    [{ name: 'math.add', bind: true, params: ['x', 'y?'], app: 'reports' }],
    [{ input: z.string() }],
    [{ input: [z.string(), z.number()] }],
    [{ queue: 'q', exchange: 'e', routingKey: 'k', priority: 9, serializer: 'msgpack', compression: 'zlib' }],
    [
      {
        expires: '10m',
        defaultRetryDelay: 3,
        maxRetries: null,
        trackStarted: true,
        ignoreResult: false,
        headers: { a: 1 },
      },
    ],
    [{ expires: new Date(), maxRetries: 0, queue: undefined }],
    [{ rateLimit: '10/m', concurrencyLimit: 2, unique: true, debounce: '5s' }],
    [
      {
        rateLimit: { limit: 1, shared: true, by: () => 'k' },
        unique: { while: 'running', onConflict: 'wait' },
      },
    ],
  ] as const)('takes %j', (options) => {
    expect(() => checkTaskOptions('A.b', options)).not.toThrow();
  });

  it.each([
    ['name', ''],
    ['name', 'x'.repeat(256)],
    ['bind', 'yes'],
    ['params', 'x'],
    ['params', [1]],
    ['input', {}],
    ['input', []],
    ['input', [z.string(), 'text']],
    ['priority', 10],
    ['priority', 1.5],
    ['priority', '3'],
    ['serializer', 'pickle'],
    ['compression', 'zip'],
    ['expires', 'soon'],
    ['expires', new Date(Number.NaN)],
    ['maxRetries', -1],
    ['maxRetries', '3'],
    ['defaultRetryDelay', '3 minutes'],
    ['headers', ['a']],
    ['queue', 7],
    ['trackStarted', 1],
    ['app', ''],
    ['rateLimit', 'often'],
    ['concurrencyLimit', 0],
    ['unique', { while: 'sleeping' }],
    ['debounce', 0],
  ])('refuses %s: %p', (option, value) => {
    expect(() => checkTaskOptions('A.b', { [option]: value })).toThrow(coded('LOVAGE_OPTION_INVALID'));
    expect(() => checkTaskOptions('A.b', { [option]: value })).toThrow(`@Task on A.b: ${option}`);
  });

  it('refuses unknown options, and tells all problems together', () => {
    const options = { prioritty: 3, queue: '', toString: 1 } as object;
    expect(() => checkTaskOptions('A.b', options)).toThrow(/prioritty[^]*queue[^]*toString/);
  });
});
