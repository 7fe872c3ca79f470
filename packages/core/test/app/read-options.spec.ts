import type { AppOptions } from '../../src/app/app-options.js';
import { readOptions } from '../../src/app/read-options.js';

const read = (options: unknown) =>
  readOptions(options as AppOptions, { host: 'test.example.org', newId: () => 'id' });

describe('readOptions', () => {
  it('has a default for everything', () => {
    expect(read({})).toMatchObject({
      broker: 'memory://',
      results: 'memory://',
      defaultQueue: 'celery',
      topology: { queues: [{ name: 'celery' }] },
      serializer: 'json',
      acceptContent: new Set(['application/json']),
      resultTtlMs: 86_400_000,
      trackSent: true,
      worker: {
        concurrency: 100,
        prefetch: 200,
        queues: ['celery'],
        queueOrder: 'fair',
        hostname: 'lovage@test.example.org',
        drainTimeoutMs: 10_000,
        maxDeliveries: 5,
      },
    });
  });

  it('keeps results where the broker is unless told otherwise', () => {
    expect(read({ broker: 'redis://a' }).results).toBe('redis://a');
    expect(read({ broker: 'redis://a', results: 'redis://b' }).results).toBe('redis://b');
    expect(read({ results: false }).results).toBe(false);
  });

  it('runs a worker in this process on the embedded store, and elsewhere only when asked', () => {
    expect(read({ broker: 'redis://a' }).worker).toBeUndefined();
    expect(read({ broker: 'redis://a', worker: true }).worker).toBeDefined();
    expect(read({ broker: 'redis://a', worker: { concurrency: 4 } }).worker).toMatchObject({
      concurrency: 4,
      prefetch: 8,
    });
    expect(read({ worker: false }).worker).toBeUndefined();
    // As URLs are read.
    expect(read({ broker: ' MEMORY://' }).worker).toBeDefined();
  });

  it('consumes the declared queues', () => {
    expect(read({ queues: ['hipri', { name: 'mail' }] })).toMatchObject({
      topology: { queues: [{ name: 'celery' }, { name: 'hipri' }, { name: 'mail' }] },
      worker: { queues: ['hipri', 'mail'] },
    });
  });

  it('reads durations as seconds or as text, and 0 as for ever', () => {
    expect(read({ resultExpires: 60 }).resultTtlMs).toBe(60_000);
    expect(read({ resultExpires: '2h' }).resultTtlMs).toBe(7_200_000);
    expect(read({ resultExpires: 0 }).resultTtlMs).toBeUndefined();
  });

  it.each<unknown>([5, 'mail', null, { t: null }, { t: '' }, [5], [['t']], [[/t/, 7]], /t/])(
    'refuses the routes %j',
    (routes) => {
      expect(() => read({ routes })).toThrow('expected "routes" to be a table of routes');
    },
  );

  it.each<unknown>([
    {},
    [],
    { t: 'q' },
    { t: { queue: 'q' } },
    [[/t/, 'q']],
    () => 'q',
    [{ t: 'q' }, () => 'q'],
  ])('takes the routes %j', (routes) => {
    expect(read({ routes }).routes).toBe(routes);
  });

  it('tells all problems together, with what was wanted and what was given', () => {
    const problems = () =>
      read({
        brocker: 'redis://a',
        defaultQueue: '',
        queues: ['ok', 7],
        serializer: 'pickle',
        resultExpires: 'soon',
        trackSent: 'yes',
        acceptContent: ['pickle'],
        limits: { maxDepth: 1, maxSize: 9 },
        worker: { concurrency: '10', queues: [], speed: 'high' },
      });
    expect(problems).toThrow(expect.objectContaining({ code: 'LOVAGE_OPTION_INVALID' }));
    for (const text of [
      'expected "brocker" to be absent, since it is no option',
      'expected "defaultQueue" to be a name of 1 to 255 bytes, got: "" (string).',
      'expected "queues[1]" to be a queue name of 1 to 255 bytes, got: 7 (number).',
      'expected "serializer" to be one of json, msgpack, yaml, got: "pickle" (string).',
      'expected "resultExpires" to be a number of seconds',
      'expected "trackSent" to be true or false, got: "yes" (string).',
      'expected "acceptContent" to be valid: ',
      'expected "limits.maxDepth" to be an integer from 8 to 1000, got: 1 (number).',
      'expected "limits.maxSize" to be absent',
      'expected "worker.concurrency" to be an integer from 1 to 65535, got: "10" (string).',
      'expected "worker.queues" to be an array of at least one name',
      'expected "worker.speed" to be absent',
    ]) {
      expect(problems).toThrow(text);
    }
  });

  it.each(['json', [], [7]])('refuses acceptContent: %p', (acceptContent) => {
    expect(() => read({ acceptContent })).toThrow(
      'expected "acceptContent" to be an array of at least one name',
    );
  });

  it.each([
    [{ t: { que: 'typo' } }],
    [{ t: { queue: 5 } }],
    [{ t: { routingKey: 'alone' } }],
    [{ t: {} }],
    [[['t', { queue: 'q', priority: 1.5 }]]],
    [new Map([['t', 'q']])],
    [new Date()],
  ])('refuses routes: %j', (routes) => {
    expect(() => read({ routes })).toThrow(/expected "routes" to be .* a route is a queue name, or/);
  });

  it('reads exchanges and bindings, and refuses what is none', () => {
    const exchanges = [{ name: 'news', type: 'fanout' }];
    const bindings = [{ queue: 'celery', exchange: 'news', routingKey: '' }];
    expect(read({ exchanges, bindings }).topology).toMatchObject({ exchanges, bindings });
    const wrong = {
      exchanges: [{ name: 'news', type: 'star' }, null],
      bindings: [
        { queue: 'celery' },
        'news',
        { queue: 'celery', exchange: 'news', routingKey: 'ä'.repeat(128) },
        { queue: 'celery', exchange: 'news', arguments: { size: Number.NaN } },
      ],
    };
    for (const option of ['exchanges[0]', 'exchanges[1]', 'bindings[0]', 'bindings[1]', 'bindings[2]']) {
      expect(() => read(wrong)).toThrow(`expected "${option}" to be`);
    }
    expect(() => read({ bindings: wrong.bindings.slice(3) })).toThrow(
      'expected "bindings[0].arguments" to be',
    );
    expect(() => read({ exchanges: 'news' })).toThrow('expected "exchanges" to be an array');
  });

  it.each([7, 'yes', null])('refuses worker: %p', (worker) => {
    expect(() => read({ worker })).toThrow(/expected "worker" to be true, false, or the options of a worker/);
  });
});
