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
export function rewriteEnvelope(envelope: string, rewriting: Rewriting): string {
  const range = rangeOfMember(envelope, 'properties');
  const properties = range === undefined ? undefined : fieldsOf(envelope.slice(...range));
  if (range === undefined || properties === undefined) return rewriteWhole(envelope, rewriting);
  return `${envelope.slice(0, range[0])}${JSON.stringify(rewritten(properties, rewriting))}${envelope.slice(range[1])}`;
}

/** Names may be written in more than one way, and twice: then the last one counts. */
function rewriteWhole(envelope: string, rewriting: Rewriting): string {
  const whole = fieldsOf(envelope);
  const properties = whole?.['properties'];
  if (typeof properties !== 'object' || properties === null) return envelope;
  return JSON.stringify({ ...whole, properties: rewritten(properties as Fields, rewriting) });
}

function rewritten(properties: Fields, { tag, deliveries }: Rewriting): Fields {
  const { delivery_tag: _old, delivery_info: info, lovage_deliveries: _count, ...rest } = properties;
  return {
    delivery_tag: tag,
    delivery_info: { ...(info as object), redelivered: true },
    ...rest,
    // Also 0: a message that was handed out and released counts as never delivered.
    lovage_deliveries: deliveries,
  };
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

/** An entry of `unacked` as the claim script makes it. */
export const entryOf = (envelope: string, queue: string): string =>
  `[${envelope}, "", ${JSON.stringify(queue)}]`;

/** The envelope inside an entry of `unacked`: `[envelope, exchange, routing key]`. */
export const envelopeOfEntry = (entry: string): string => {
  const start = entry.indexOf('{');
  return start === -1 ? entry : entry.slice(start, endOfValue(entry, start));
};

/** Where an entry of `unacked` goes back to: exchange and routing key. Lovage writes the queue, by the default exchange. */
export function placeOfEntry(entry: string): readonly [string, string] | undefined {
  const start = entry.indexOf('{');
  if (start === -1) return undefined;
  try {
    const rest = JSON.parse(`[0${entry.slice(endOfValue(entry, start))}`) as readonly unknown[];
    const [, exchange, routingKey] = rest;
    return typeof exchange === 'string' && typeof routingKey === 'string'
      ? [exchange, routingKey]
      : undefined;
  } catch {
    return undefined;
  }
}
