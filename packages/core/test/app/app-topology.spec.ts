import { broadcast } from '../../src/routing/app-queue.js';
import type { AppOptions } from '../../src/app/app-options.js';
import { readOptions } from '../../src/app/read-options.js';

const read = (options: AppOptions, host = 'web-1.example.org') =>
  readOptions({ broker: 'redis://a', ...options }, { host, newId: () => 'id' });

const fanout = { name: 'rotate', type: 'fanout' } as const;

describe('what an app declares', () => {
  it('declares the queues of all, with what is said of them', () => {
    const queue = {
      name: 'media',
      type: 'quorum',
      maxPriority: 10,
      deliveryLimit: 20,
      durable: true,
      autoDelete: false,
      exclusive: false,
      expires: 3600,
      arguments: { 'x-max-length': 10_000 },
    } as const;
    expect(read({ queues: ['celery', queue] }).topology.queues).toStrictEqual([{ name: 'celery' }, queue]);
  });

  it('declares the queue of a host only where a worker consumes it', () => {
    const options: AppOptions = {
      queues: ['celery', { name: 'rotate.%h', expires: 60 }],
      exchanges: [fanout],
      bindings: [{ queue: 'rotate.%h', exchange: 'rotate' }],
    };
    expect(read(options).topology).toStrictEqual({
      queues: [{ name: 'celery' }],
      exchanges: [fanout],
      bindings: [],
    });
    const worker = read({ ...options, worker: true });
    expect(worker.topology).toStrictEqual({
      queues: [{ name: 'celery' }, { name: 'rotate.web-1.example.org', expires: 60 }],
      exchanges: [fanout],
      bindings: [{ queue: 'rotate.web-1.example.org', exchange: 'rotate', routingKey: '' }],
    });
    expect(worker.worker?.queues).toStrictEqual(['celery', 'rotate.web-1.example.org']);
    const other = read({ ...options, worker: { queues: ['celery'] } });
    expect(other.topology.bindings).toStrictEqual([]);
  });

  it.each(['rotate.%n', 'rotate.web-1'])('lets a worker select its own queue as %p', (name) => {
    const { topology, worker } = read({
      queues: [{ name: 'rotate.%n', arguments: { a: 1 } }],
      worker: { queues: [name] },
    });
    expect(worker?.queues).toStrictEqual(['rotate.web-1']);
    expect(topology.queues).toStrictEqual([
      { name: 'celery' },
      { name: 'rotate.web-1', arguments: { a: 1 } },
    ]);
  });

  it('declares the exchange of a broadcast everywhere, and a queue of their own for those who listen', () => {
    const options: AppOptions = { queues: ['celery', broadcast('reload')] };
    const reload = { name: 'reload', type: 'fanout' };
    const sender = read(options);
    expect(sender.topology).toStrictEqual({
      queues: [{ name: 'celery' }],
      exchanges: [reload],
      bindings: [],
    });
    expect([...sender.broadcasts]).toStrictEqual(['reload']);
    const worker = read({ ...options, worker: { queues: ['reload', 'celery'] } });
    expect(worker.worker?.queues).toStrictEqual(['bcast.id', 'celery']);
    expect(worker.topology).toStrictEqual({
      // Consumed by nobody, since its worker has died while the broker was restarted, it must end some day.
      queues: [{ name: 'celery' }, { name: 'bcast.id', type: 'classic', autoDelete: true, expires: 1800 }],
      exchanges: [reload],
      bindings: [{ queue: 'bcast.id', exchange: 'reload', routingKey: '' }],
    });
  });

  it('declares what a worker consumes although it stands nowhere else, unless missing queues are not made', () => {
    const options: AppOptions = { queues: ['celery', 'mail.%h'], worker: { queues: ['mial'] } };
    expect(read(options).topology.queues).toStrictEqual([{ name: 'celery' }, { name: 'mial' }]);
    expect(() => read({ ...options, createMissingQueues: false })).toThrow(
      'expected "worker.queues" to be queues of the option "queues" (celery, mail.%h), since "createMissingQueues" is false, got: "mial"',
    );
  });

  it('tells of each thing in a queue that can not be', () => {
    const queues = [
      { name: 'a', type: 'stream', maxPriority: 256, durable: 'yes', colour: 'red', arguments: { deep: {} } },
      { name: 'logs.%x' },
    ] as unknown as AppOptions['queues'];
    for (const problem of [
      'expected "queues[0].type" to be one of classic, quorum',
      'expected "queues[0].maxPriority" to be an integer from 1 to 255',
      'expected "queues[0].durable" to be true or false',
      'expected "queues[0].colour" to be absent',
      'expected "queues[0].arguments" to be an object of texts, numbers and booleans by name',
      'expected "queues" to be a name in which %h, %n or %d stand for the host and %% for a percent sign, got: "logs.%x"',
    ]) {
      expect(() => read({ queues })).toThrow(problem);
    }
    expect(() => read({ worker: { queues: ['%'] } })).toThrow('expected "worker.queues" to be a name');
    expect(() => read({ worker: { hostname: 'w1@%q' } })).toThrow('expected "worker.hostname" to be a name');
    expect(() => read({ bindings: [{ queue: '%z', exchange: 'e' }] })).toThrow(
      'expected "bindings[0].queue"',
    );
  });

  it('puts the host into the name of the worker, as in Celery', () => {
    expect(read({ worker: { hostname: 'w1@%h' } }).worker?.hostname).toBe('w1@web-1.example.org');
    expect(read({ worker: { hostname: 'w1@%n' } }).worker?.hostname).toBe('w1@web-1');
  });
});
