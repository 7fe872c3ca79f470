import { OPTION_INVALID } from '../../../src/errors/config-errors.js';
import type { FlowOptions } from '../../../src/task/flow/flow-options.js';
import { readFlow } from '../../../src/task/flow/read-flow.js';

function problemsOf(options: unknown): readonly string[] {
  try {
    readFlow('mail.send', options as FlowOptions);
  } catch (error) {
    if (!OPTION_INVALID.is(error)) throw error;
    return error.details.problems.map(({ option }) => option.replace(' of the task mail.send', ''));
  }
  return [];
}

describe('the flow control of a task', () => {
  it.each([{}, { unique: false }, { rateLimit: 0 }, { rateLimit: '0/m' }, { queue: 'mail' }])(
    'is nothing with %j',
    (options) => expect(readFlow('t', options as FlowOptions)).toBeUndefined(),
  );

  it('needs no ledger where each worker counts for itself', () => {
    expect(readFlow('t', { rateLimit: '10/m' })).toMatchObject({
      needsLedger: false,
      rate: { intervalMs: 6000, burst: 1, shared: false },
    });
  });

  it.each<FlowOptions>([
    { rateLimit: { limit: 1, shared: true } },
    { concurrencyLimit: 1 },
    { unique: true },
    { unique: { while: 'running' } },
    { debounce: 1 },
  ])('needs a ledger with %j', (options) => expect(readFlow('t', options)?.needsLedger).toBe(true));

  it('takes the place of a unique task from the sending on, and lets one run at a time', () => {
    expect(readFlow('t', { unique: true })).toMatchObject({
      place: { until: 'ended', onConflict: 'return-existing', ttlMs: 3_600_000, unsureMs: 30_000 },
      slots: [{ limit: 1, reject: false }],
    });
    expect(readFlow('t', { unique: { while: 'queued', ttl: 10 } })).toMatchObject({
      place: { until: 'begun', ttlMs: 10_000, unsureMs: 1000 },
      slots: [],
    });
    const running = readFlow('t', { unique: { while: 'running', onConflict: 'reject' } });
    expect(running).toMatchObject({ slots: [{ limit: 1, reject: true }] });
    expect(running?.place).toBeUndefined();
  });

  it.each<[string, unknown, readonly string[]]>([
    ['a rate that is none', { rateLimit: 'fast' }, ['rateLimit']],
    [
      'limits of limits',
      { rateLimit: { limit: 1, burst: 0 }, concurrencyLimit: 0 },
      ['rateLimit.burst', 'concurrencyLimit'],
    ],
    ['a cap that is no number', { concurrencyLimit: { limit: '3' } }, ['concurrencyLimit']],
    ['a key that is no function', { unique: { by: 'user' } }, ['unique.by']],
    ['a time that is none', { debounce: '5 minutes', unique: { ttl: 0 } }, ['unique.ttl', 'debounce.wait']],
    ['words that nobody knows', { unique: { while: 'sleeping' } }, ['unique.while']],
    [
      'what can not be done at the time',
      { unique: { while: 'running', onConflict: 'return-existing' } },
      ['unique.onConflict'],
    ],
    ['waiting where nothing is to run', { unique: { onConflict: 'wait' } }, ['unique.onConflict']],
    [
      'options that nobody knows',
      { unique: { key: 'x' }, debounce: { wait: 1, max: 2 } },
      ['unique.key', 'debounce.max'],
    ],
    ['flags that are none', { rateLimit: { limit: 1, shared: 'yes' } }, ['rateLimit.shared']],
    ['a ceiling below the wait', { debounce: { wait: 2, maxWait: 1 } }, ['debounce.maxWait']],
    ['unique as text', { unique: 'yes' }, ['unique']],
  ])('refuses %s', (_, options, problems) => expect(problemsOf(options)).toEqual(problems));
});
