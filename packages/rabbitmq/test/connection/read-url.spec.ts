import { isLovageError } from '@lovage/core';
import { readUrl } from '../../src/connection/read-url.js';

const read = (text: string): ReturnType<typeof readUrl> => readUrl(new URL(text));

describe('readUrl', () => {
  it.each([
    ['amqp://h', '/'],
    ['amqp://h/', '/'],
    ['amqp://h//', '/'],
    ['amqp://h/%2F', '/'],
    ['amqp://h/a', 'a'],
    ['amqp://h//a', '/a'],
    ['amqp://h/a%2Fb%20c', 'a/b c'],
  ])('reads the virtual host of %s as Celery does', (url, vhost) => {
    expect(read(url).target.vhost).toBe(vhost);
  });

  it('reads host, port and credentials, and shows an address without them', () => {
    const { target } = read('amqp://us%40er:p%3Aw@[::1]:5673/v');
    expect([target.username, target.password, target.hostname, target.port]).toEqual([
      'us@er',
      'p:w',
      '::1',
      5673,
    ]);
    expect(target.address).toBe('amqp://[::1]:5673/v');
  });

  it('has the standards of RabbitMQ and Celery', () => {
    const { target, ...settings } = read('amqps://h');
    expect([target.port, target.username, target.password, target.heartbeatSeconds]).toEqual([
      5671,
      'guest',
      'guest',
      20,
    ]);
    expect(settings).toEqual({
      queueType: 'classic',
      maxPriority: undefined,
      deliveryLimit: undefined,
      delayQueueType: 'quorum',
      consumerTimeoutMs: 1_800_000,
    });
    expect(read('amqp://h').target.port).toBe(5672);
  });

  it('tells all problems at once, without credentials', () => {
    let caught: unknown;
    try {
      read(
        'amqp://user:secret%zz@h/?heartbeat=x&queueType=lazy&maxPriority=0&deliveryLimit=-1&other=1&ssl_ca_certs=/no/such',
      );
    } catch (error) {
      caught = error;
    }
    if (!isLovageError(caught, 'LOVAGE_OPTION_INVALID')) throw new Error('it was not refused');
    for (const part of [
      'heartbeat',
      'queueType',
      'maxPriority',
      'deliveryLimit',
      'other',
      'ssl_ca_certs',
      'password',
    ])
      expect(caught.message).toContain(part);
    expect(caught.message).not.toContain('secret');
  });

  it('refuses priorities on quorum queues', () => {
    expect(() => read('amqp://h/?queueType=quorum&maxPriority=9')).toThrow(
      /quorum queues have no priorities/,
    );
  });
});
