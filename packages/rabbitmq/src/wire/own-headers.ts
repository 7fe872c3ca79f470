/** Headers that Lovage writes beside Celery's. They are taken off again before a message is handed to a worker. */
export const ownHeaders = {
  /** How often the message was delivered before this copy of it was made. */
  deliveries: 'x-lovage-deliveries',
  /** A consumer has had it in hand before this copy was made. */
  handed: 'x-lovage-handed',
  /** Exchange and routing key with which it was first published, where the copy was sent by others. */
  exchange: 'x-lovage-exchange',
  routingKey: 'x-lovage-routing-key',
  /** Milliseconds since 1970 UTC: it came too early, since the broker can not hold it back for so long at once. */
  notBefore: 'x-lovage-not-before',
  /** Celery's time to live. As a property the broker would drop the message by itself, and nobody would be told. */
  expiration: 'x-lovage-expiration',
  /** Tells copies of one message apart. */
  copy: 'x-lovage-copy',
  /** Names parts of the message that could not be written into this copy of it. */
  leftOut: 'x-lovage-left-out',
  parkCode: 'x-lovage-park-code',
  parkText: 'x-lovage-park-text',
  /** Milliseconds since 1970 UTC. */
  parkedAt: 'x-lovage-parked-at',
} as const;

/** Headers that RabbitMQ adds on the way; who publishes a message again must not repeat them. */
const brokerHeaders: ReadonlySet<string> = new Set([
  'x-death',
  'x-first-death-exchange',
  'x-first-death-queue',
  'x-first-death-reason',
  'x-last-death-exchange',
  'x-last-death-queue',
  'x-last-death-reason',
  'x-delivery-count',
  'x-acquired-count',
]);
const own: ReadonlySet<string> = new Set(Object.values(ownHeaders));

/** Whether a header is no business of the task: Lovage or RabbitMQ has added it. */
export const isAddedHeader = (name: string): boolean =>
  name.startsWith('x-') && (own.has(name) || brokerHeaders.has(name));

/** A whole number from 0 out of a header that anybody may have written; `undefined` for everything else. */
export const countOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;

export const textIn = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
