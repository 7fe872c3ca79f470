import fc from 'fast-check';
import { delayRoute, dueExchange, dueToken, longestDelayMs } from '../../src/delay/delay-route.js';
import { type DelayBinding, delayTopology, dueTopology } from '../../src/delay/delay-topology.js';

/** Whether a topic pattern finds a key, as in AMQP 0-9-1; the patterns here have "#" at their end only. */
function finds(pattern: string, key: string): boolean {
  const words = key.split('.');
  const parts = pattern.split('.');
  const open = parts.at(-1) === '#';
  const fixed = open ? parts.slice(0, -1) : parts;
  if (open ? words.length < fixed.length : words.length !== fixed.length) return false;
  return fixed.every((part, index) => part === '*' || part === words[index]);
}

/** The way of a message through all levels: how long it waits, and where it arrives. */
function travel(
  from: string,
  key: string,
  tokens: readonly string[],
): { readonly waits: number; readonly queues: readonly string[] } {
  const levels = delayTopology('quorum');
  const due = tokens.map((token) => dueTopology(token, { exchange: 'x', routingKey: token }, 'quorum'));
  const bindings: readonly DelayBinding[] = [...levels.bindings, ...due.flatMap((one) => one.bindings)];
  const queues = new Map(levels.queues.map((queue) => [queue.name, queue.arguments]));
  let waits = 0;
  const arrived: string[] = [];
  const pending = [from];
  for (let exchange = pending.pop(); exchange !== undefined; exchange = pending.pop()) {
    for (const { kind, destination } of bindings.filter(
      (one) => one.source === exchange && finds(one.pattern, key),
    )) {
      if (kind === 'exchange') pending.push(destination);
      else if (queues.has(destination)) {
        waits += Number(queues.get(destination)?.['x-message-ttl']);
        pending.push(String(queues.get(destination)?.['x-dead-letter-exchange']));
      } else arrived.push(destination);
    }
  }
  return { waits, queues: arrived };
}

const token = dueToken('', 'mail');
const other = dueToken('', 'other');

describe('delayRoute', () => {
  it('leads to one place, not too early and not much later, whatever the delay', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: longestDelayMs })),
        (delayMs) => {
          const { exchange, routingKey } = delayRoute(delayMs, token);
          const { waits, queues } = travel(exchange, routingKey, [token, other]);
          expect(queues).toEqual([`lovage.due.${token}`]);
          expect(waits).toBeGreaterThanOrEqual(delayMs);
          expect(waits).toBeLessThanOrEqual(delayMs + 66);
        },
      ),
    );
  });

  it('begins at the first level on which the message waits', () => {
    expect(delayRoute(300, token).exchange).toBe('lovage_delayed_3');
    expect(delayRoute(5000, token).exchange).toBe('celery_delayed_2');
    expect(delayRoute(longestDelayMs, token).exchange).toBe('celery_delayed_27');
  });

  it('has short keys, also for the longest names', () => {
    const long = dueToken('x'.repeat(255), 'y'.repeat(255));
    expect(Buffer.byteLength(delayRoute(longestDelayMs, long).routingKey)).toBeLessThan(255);
  });
});

describe('delayTopology', () => {
  it.each(['classic', 'quorum'] as const)('declares what the newest Celery declares (%s)', (type) => {
    const { exchanges, queues, bindings } = delayTopology(type);
    expect(exchanges).toEqual(
      expect.arrayContaining(['celery_delayed_27', 'celery_delayed_0', 'celery_delayed_delivery']),
    );
    expect(queues.find(({ name }) => name === 'celery_delayed_3')?.arguments).toEqual({
      'x-queue-type': type,
      'x-overflow': 'reject-publish',
      'x-message-ttl': 8000,
      'x-dead-letter-exchange': 'celery_delayed_2',
      ...(type === 'quorum' && { 'x-dead-letter-strategy': 'at-least-once' }),
    });
    expect(queues.find(({ name }) => name === 'celery_delayed_0')?.arguments['x-dead-letter-exchange']).toBe(
      'celery_delayed_delivery',
    );
    expect(bindings.filter(({ source }) => source === 'celery_delayed_26')).toEqual([
      { kind: 'queue', destination: 'celery_delayed_26', source: 'celery_delayed_26', pattern: '*.1.#' },
      { kind: 'exchange', destination: 'celery_delayed_25', source: 'celery_delayed_26', pattern: '*.0.#' },
    ]);
  });

  it('leaves messages of Celery to Celery', () => {
    // As calculate_routing_key of kombu writes them.
    const key = `${(5).toString(2).padStart(28, '0').split('').join('.')}.mail`;
    expect(travel('celery_delayed_27', key, [token, other])).toEqual({ waits: 5000, queues: [] });
  });

  it('gives back exchange and routing key of the publisher', () => {
    const [queue] = dueTopology(token, { exchange: '', routingKey: 'mail' }, 'quorum').queues;
    expect(queue?.arguments).toMatchObject({
      'x-message-ttl': 0,
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': 'mail',
    });
    expect(dueExchange).toBe('lovage_due');
  });
});
