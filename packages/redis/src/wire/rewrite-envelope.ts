import { endOfValue, rangeOfMember } from './json-range.js';

export interface Rewriting {
  /** The new delivery tag: a consumer that still has the old one must not reach the new delivery. */
  readonly tag: string;
  /** Deliveries that count so far. */
  readonly deliveries: number;
}

/**
 * An envelope as it goes back to its queue: with a new tag and the marks of a message that was handed out. Everything else
 * stays as its writer wrote it, to the byte.
 */
export function rewriteEnvelope(envelope: string, { tag, deliveries }: Rewriting): string {
  const range = rangeOfMember(envelope, 'properties');
  if (range === undefined) return envelope;
  const properties = JSON.parse(envelope.slice(...range)) as Record<string, unknown>;
  const { delivery_tag: _old, delivery_info: info, lovage_deliveries: _count, ...rest } = properties;
  const rewritten = JSON.stringify({
    delivery_tag: tag,
    delivery_info: { ...(info as object), redelivered: true },
    ...rest,
    // Also 0: a message that was handed out and released counts as never delivered.
    lovage_deliveries: deliveries,
  });
  return `${envelope.slice(0, range[0])}${rewritten}${envelope.slice(range[1])}`;
}

/** The envelope inside an entry of `unacked`: `[envelope, exchange, routing key]`. */
export const envelopeOfEntry = (entry: string): string => {
  const start = entry.indexOf('{');
  return start === -1 ? entry : entry.slice(start, endOfValue(entry, start));
};
