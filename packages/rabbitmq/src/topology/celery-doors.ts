import type { Channel } from 'amqplib';
import type { Binding, Exchange } from '@lovage/core';
import { celeryDelivery, fractionLevels, ourWord, secondLevels } from '../delay/delay-route.js';
import { isTooLong } from '../wire/short-text.js';

/** Stands for the bits that Celery puts before a routing key. */
const bits = '*.'.repeat(secondLevels);
/** Of a message of ours at the end of Celery's levels: our word, the bits of its sixteenths, and the token of its place. */
const ourWords = 1 + fractionLevels + 1;

/** A way from the end of Celery's levels through an exchange to a queue. */
export interface CeleryDoor {
  readonly queue: string;
  readonly exchange: string;
  readonly type: Exchange['type'];
  /** Pattern of what comes through. */
  readonly routingKey: string;
}

/**
 * Celery from 5.5 lets a message for a topic or fanout exchange wait in the same levels as Lovage, and leaves it to workers to bind the
 * exchange to where it comes out, with the bits before its routing key. Theirs do so with `#.<key>`, which finds every key with that ending;
 * ours count the bits.
 *
 * A pattern that would find Lovage's own messages on their way (`#`) gets none: they would come too early, and twice.
 */
export function celeryDoors(
  bindings: readonly Binding[],
  typeOf: (exchange: string) => Exchange['type'] | undefined,
): readonly CeleryDoor[] {
  return bindings.flatMap(({ queue, exchange, routingKey }) => {
    const type = typeOf(exchange);
    if (type !== 'topic' && type !== 'fanout') return [];
    const key = `${bits}${routingKey}`;
    const isFit = !isTooLong(key) && !mayFindOurs(routingKey);
    return isFit ? [{ queue, exchange, type, routingKey: key }] : [];
  });
}

const isOpen = (word: string | undefined): boolean => word === '*' || word === '#';

/** In doubt it may. */
function mayFindOurs(pattern: string): boolean {
  const words = pattern.split('.');
  const [first] = words;
  const last = words.at(-1) ?? '';
  if (!isOpen(first) && first !== ourWord) return false;
  if (!isOpen(last) && !/^[0-9a-f]{32}$/.test(last)) return false;
  return words.includes('#') || words.length === ourWords;
}

export async function openDoors(channel: Channel, doors: readonly CeleryDoor[]): Promise<void> {
  await channel.assertExchange(celeryDelivery, 'topic', { durable: true });
  for (const { queue, exchange, type, routingKey } of doors) {
    await channel.bindExchange(exchange, celeryDelivery, routingKey);
    if (type === 'topic') await channel.bindQueue(queue, exchange, routingKey);
  }
}
