import type { AppOptions, WorkerOptions } from '@lovage/core';
import type { WorkerFlags } from '../../src/flags/worker-flags.js';
import { asWorker } from '../../src/worker/worker-role.js';

const options = (given: AppOptions, flags: WorkerFlags = {}): AppOptions =>
  asWorker(given, { app: 'app.js', ...flags }, 0);
const worker = (given: AppOptions, flags: WorkerFlags = {}): WorkerOptions => {
  const made = options(given, flags).worker;
  if (typeof made !== 'object') throw new Error('no worker');
  return made;
};

describe('an app as a worker', () => {
  it.each([undefined, false, true])('is one though its options say %p', (role) => {
    expect(worker({ worker: role })).toMatchObject({ entry: { export: 'childApplication' } });
  });

  it('keeps what the app says where the command says nothing, and follows the command elsewhere', () => {
    const own = { queues: ['a'], concurrency: 7, prefetch: 9, drainTimeout: '1m' } as const;
    expect(worker({ worker: own })).toMatchObject(own);
    expect(worker({ worker: own }, { concurrency: 2, queues: ['b'] })).toMatchObject({
      queues: ['b'],
      concurrency: 2,
      prefetch: 9,
      drainTimeout: '1m',
    });
  });

  it('puts one of concurrency and autoscale in place of the other', () => {
    const autoscale = { min: 1, max: 3 };
    expect(worker({ worker: { concurrency: 7 } }, { autoscale })).toMatchObject({
      autoscale,
      concurrency: undefined,
    });
    expect(worker({ worker: { autoscale } }, { concurrency: 2 })).toMatchObject({
      autoscale: undefined,
      concurrency: 2,
    });
  });

  it('takes the broker of the command, and results with it where the app keeps both together', () => {
    const flags = { broker: 'redis://b' };
    expect(options({ broker: 'redis://a' }, flags)).toMatchObject({
      broker: 'redis://b',
      results: undefined,
    });
    expect(options({ broker: 'redis://a', results: 'redis://a' }, flags)).toMatchObject({
      results: 'redis://b',
    });
    expect(options({ broker: 'redis://a', results: 'redis://c' }, flags)).toMatchObject({
      results: 'redis://c',
    });
    expect(options({}, { resultBackend: 'redis://d' })).toMatchObject({ results: 'redis://d' });
  });

  it('tells children the same stores', () => {
    const entry = (flags: WorkerFlags) => worker({ broker: 'redis://a', results: false }, flags).entry;
    expect(entry({})).toMatchObject({ data: { app: 'app.js', index: 0, level: 'log', options: {} } });
    expect(entry({ broker: 'redis://b', loglevel: 'error' })).toMatchObject({
      data: { level: 'error', options: { broker: 'redis://b' } },
    });
  });

  it.each<[AppOptions, WorkerFlags, readonly string[] | undefined]>([
    [{}, {}, undefined],
    [{ queues: ['a', { name: 'b' }, 'c'] }, { excludeQueues: ['b'] }, ['a', 'c']],
    [{ queues: ['a'], worker: { queues: ['x', 'y'] } }, { excludeQueues: ['y'] }, ['x']],
    [{}, { queues: ['a', 'b'], excludeQueues: ['a'] }, ['b']],
    [{ defaultQueue: 'd' }, { excludeQueues: ['x'] }, ['d']],
  ])('of %j with %j consumes %j', (given, flags, expected) => {
    expect(worker(given, flags).queues).toStrictEqual(expected);
  });

  it('adds the host to a name without one', () => {
    expect(worker({}, { hostname: 'w1' }).hostname).toBe('w1@%h');
    expect(worker({}, { hostname: 'w1@%n' }).hostname).toBe('w1@%n');
  });
});
