import { createHash } from 'node:crypto';

/**
 * How a message waits for its time, without a consumer that holds it: it goes through queues that keep everything for a fixed
 * time, one for each bit of the delay.
 *
 * - whole seconds: Celery's own (5.5 and later), `celery_delayed_27` (2^27 s) to `celery_delayed_0` (1 s)
 * - sixteenths of a second: `lovage_delayed_3` (500 ms) to `lovage_delayed_0` (63 ms)
 *
 * Its routing key has the 28 bits of the seconds, then `lovage`, the 4 bits of the sixteenths, and the token of the place to
 * which it goes then. Celery's exchanges look at their bit only, ours at theirs.
 */
export const secondLevels = 28;
export const fractionLevels = 4;
/** Time that each bit of the fraction stands for; the last one is rounded up, so that nothing comes too early. */
export const fractionMs = [63, 125, 250, 500] as const;
const fractionsPerSecond = 2 ** fractionLevels;

export const secondLevel = (level: number): string => `celery_delayed_${level}`;
export const fractionLevel = (level: number): string => `lovage_delayed_${level}`;
/** Where Celery's levels end. */
export const celeryDelivery = 'celery_delayed_delivery';
/** Where ours end. */
export const dueExchange = 'lovage_due';
/** An exchange that means nothing but that everything before it was declared. */
export const doneMark = 'lovage_delayed';
/** The word with which our part of a routing key begins. */
export const ourWord = 'lovage';

/** Most that can be waited at once, in milliseconds: 8.5 years. */
export const longestDelayMs = (2 ** secondLevels - 1) * 1000;

export interface DelayRoute {
  readonly exchange: string;
  readonly routingKey: string;
}

const bits = (value: number, count: number): readonly string[] =>
  value.toString(2).padStart(count, '0').split('');

/**
 * The way of a message that is to wait.
 *
 * @param delayMs from above 0 to `longestDelayMs`; it waits at least so long, and a sixteenth of a second longer at most
 */
export function delayRoute(delayMs: number, token: string): DelayRoute {
  // One millisecond more, as the clocks that are compared count whole ones.
  const fractions = Math.min(
    Math.ceil(((delayMs + 1) * fractionsPerSecond) / 1000),
    2 ** secondLevels * fractionsPerSecond - 1,
  );
  const seconds = Math.floor(fractions / fractionsPerSecond);
  const routingKey = [
    ...bits(seconds, secondLevels),
    ourWord,
    ...bits(fractions % fractionsPerSecond, fractionLevels),
    token,
  ].join('.');
  // What is before the first bit that is set would only be walked through.
  const exchange =
    seconds === 0 ? fractionLevel(fractionLevels - 1) : secondLevel(Math.floor(Math.log2(seconds)));
  return { exchange, routingKey };
}

/** Names a place to which messages go when they are due: short, and without the signs that patterns have. */
export const dueToken = (exchange: string, routingKey: string): string =>
  createHash('sha256').update(exchange).update('\0').update(routingKey).digest('hex').slice(0, 32);

/** The queue through which what is due leaves for one place: it can put back the routing key of the publisher. */
export const dueQueue = (token: string): string => `lovage.due.${token}`;
