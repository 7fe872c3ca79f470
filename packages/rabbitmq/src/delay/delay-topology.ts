import {
  celeryDelivery,
  dueExchange,
  dueQueue,
  fractionLevel,
  fractionLevels,
  fractionMs,
  ourWord,
  secondLevel,
  secondLevels,
} from './delay-route.js';

export type DelayQueueType = 'classic' | 'quorum';

export interface DelayQueue {
  readonly name: string;
  readonly arguments: Readonly<Record<string, string | number>>;
}

export interface DelayBinding {
  readonly kind: 'queue' | 'exchange';
  readonly destination: string;
  readonly source: string;
  readonly pattern: string;
}

export interface DelayTopology {
  /** All of type topic, durable. */
  readonly exchanges: readonly string[];
  readonly queues: readonly DelayQueue[];
  readonly bindings: readonly DelayBinding[];
}

const anyWords = (count: number): string => '*.'.repeat(count);

/** Of a queue in which messages wait for so long, and then go on. Nothing that it has taken is dropped on its way. */
export const waitingQueueArguments = (
  type: DelayQueueType,
  ttlMs: number,
  to: { readonly exchange: string; readonly routingKey?: string },
): DelayQueue['arguments'] => ({
  'x-queue-type': type,
  'x-overflow': 'reject-publish',
  'x-message-ttl': ttlMs,
  'x-dead-letter-exchange': to.exchange,
  ...(to.routingKey !== undefined && { 'x-dead-letter-routing-key': to.routingKey }),
  ...(type === 'quorum' && { 'x-dead-letter-strategy': 'at-least-once' }),
});

const levelQueue = (name: string, ttlMs: number, next: string, type: DelayQueueType): DelayQueue => ({
  name,
  arguments: waitingQueueArguments(type, ttlMs, { exchange: next }),
});

/** A level: who has its bit set waits in its queue, who has not goes on to the next. */
const levelBindings = (name: string, next: string, before: string): readonly DelayBinding[] => [
  { kind: 'queue', destination: name, source: name, pattern: `${before}1.#` },
  { kind: 'exchange', destination: next, source: name, pattern: `${before}0.#` },
];

const afterSecond = (level: number): string => (level > 0 ? secondLevel(level - 1) : celeryDelivery);
const afterFraction = (level: number): string => (level > 0 ? fractionLevel(level - 1) : dueExchange);

/** All levels, those of Celery with Celery's own names and arguments. */
export function delayTopology(type: DelayQueueType): DelayTopology {
  const seconds = Array.from({ length: secondLevels }, (_, index) => secondLevels - 1 - index);
  const fractions = Array.from({ length: fractionLevels }, (_, index) => fractionLevels - 1 - index);
  const beforeFractions = `${anyWords(secondLevels)}${ourWord}.`;
  return {
    exchanges: [...seconds.map(secondLevel), celeryDelivery, ...fractions.map(fractionLevel), dueExchange],
    queues: [
      ...seconds.map((level) => levelQueue(secondLevel(level), 2 ** level * 1000, afterSecond(level), type)),
      ...fractions.map((level) =>
        levelQueue(fractionLevel(level), fractionMs[level] ?? 0, afterFraction(level), type),
      ),
    ],
    bindings: [
      ...seconds.flatMap((level) =>
        levelBindings(secondLevel(level), afterSecond(level), anyWords(secondLevels - 1 - level)),
      ),
      {
        kind: 'exchange',
        destination: fractionLevel(fractionLevels - 1),
        source: celeryDelivery,
        pattern: `${beforeFractions}#`,
      },
      ...fractions.flatMap((level) =>
        levelBindings(
          fractionLevel(level),
          afterFraction(level),
          `${beforeFractions}${anyWords(fractionLevels - 1 - level)}`,
        ),
      ),
    ],
  };
}

/** What lets due messages go on to one place, with the exchange and the routing key of their publisher. */
export function dueTopology(
  token: string,
  to: { readonly exchange: string; readonly routingKey: string },
  type: DelayQueueType,
): DelayTopology {
  const name = dueQueue(token);
  return {
    exchanges: [],
    queues: [{ name, arguments: waitingQueueArguments(type, 0, to) }],
    bindings: [
      {
        kind: 'queue',
        destination: name,
        source: dueExchange,
        pattern: `${anyWords(secondLevels)}${ourWord}.${anyWords(fractionLevels)}${token}`,
      },
    ],
  };
}
