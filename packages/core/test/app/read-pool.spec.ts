import type { WorkerOptions } from '../../src/app/app-options.js';
import { readOptions } from '../../src/app/read-options.js';
import type { PoolSettings } from '../../src/worker/pools/pool-settings.js';

const read = (worker: WorkerOptions): { pool: PoolSettings; prefetch: number } => {
  const settings = readOptions({ worker }, { host: 'test', newId: () => 'id' }).worker;
  if (settings === undefined) throw new Error('no worker');
  return settings;
};

const entry = 'file:///srv/app.js';

describe('the options of a pool', () => {
  it('are those of the event loop where none are given', () => {
    expect(read({})).toMatchObject({
      pool: { kind: 'async', concurrency: 100, entry: undefined },
      prefetch: 200,
    });
    expect(read({ pool: 'solo' })).toMatchObject({ pool: { kind: 'solo', concurrency: 1 }, prefetch: 2 });
  });

  it('count children, and the tasks in each', () => {
    expect(read({ pool: 'processes', entry, concurrency: 3, concurrencyPerChild: 5 })).toMatchObject({
      pool: { kind: 'processes', concurrency: 3, concurrencyPerChild: 5, bootTimeoutMs: 60_000 },
      prefetch: 30,
    });
    expect(read({ pool: 'threads', entry }).pool.concurrency).toBeGreaterThan(0);
  });

  it('take Celery’s kilobytes, and text', () => {
    const bytes = (maxMemoryPerChild: WorkerOptions['maxMemoryPerChild']): number | undefined =>
      read({ pool: 'threads', entry, maxMemoryPerChild }).pool.maxBytesPerChild;
    expect(bytes(12_000)).toBe(12_000 * 1024);
    expect(bytes('1.5MB')).toBe(1.5 * 1024 * 1024);
    expect(bytes(undefined)).toBeUndefined();
  });

  it('grow and shrink between two numbers', () => {
    expect(read({ pool: 'threads', entry, autoscale: { min: 2, max: 6 } })).toMatchObject({
      pool: { concurrency: 6, autoscaleFrom: 2 },
      prefetch: 12,
    });
  });

  it.each([
    ['file:///srv/app.js', { module: 'file:///srv/app.js' }],
    [new URL('file:///srv/app.js'), { module: 'file:///srv/app.js' }],
    ['/srv/app.js', { module: 'file:///srv/app.js' }],
    [
      { module: '/srv/app.js', export: 'make', data: { port: 1 } },
      { module: 'file:///srv/app.js', export: 'make', data: { port: 1 } },
    ],
  ])('name the entry as %p', (given, expected) => {
    expect(read({ pool: 'processes', entry: given }).pool.entry).toEqual(expected);
  });

  it.each<[string, unknown]>([
    ['worker.entry', { pool: 'processes' }],
    ['worker.entry', { pool: 'threads', entry: './app.js' }],
    ['worker.entry', { pool: 'threads', entry: { export: 'make' } }],
    ['worker.pool', { pool: 'gevent' }],
    ['worker.concurrency', { pool: 'solo', concurrency: 2 }],
    ['worker.concurrency', { pool: 'threads', entry, concurrency: 0 }],
    ['worker.concurrency', { pool: 'threads', entry, concurrency: 2, autoscale: { min: 1, max: 2 } }],
    ['worker.autoscale', { pool: 'threads', entry, autoscale: 3 }],
    ['worker.autoscale.min', { pool: 'threads', entry, autoscale: { min: 3, max: 2 } }],
    ['worker.maxTasksPerChild', { maxTasksPerChild: 5 }],
    ['worker.maxTasksPerChild', { pool: 'threads', entry, maxTasksPerChild: 0 }],
    ['worker.maxMemoryPerChild', { pool: 'threads', entry, maxMemoryPerChild: '200 apples' }],
    ['worker.maxMemoryPerChild', { pool: 'threads', entry, maxMemoryPerChild: -1 }],
    ['worker.bootTimeout', { pool: 'threads', entry, bootTimeout: 'soon' }],
  ])('are refused at "%s": %p', (option, worker) => {
    expect(() => read(worker as WorkerOptions)).toThrow(
      expect.objectContaining({ details: { problems: [expect.objectContaining({ option })] } }),
    );
  });
});
