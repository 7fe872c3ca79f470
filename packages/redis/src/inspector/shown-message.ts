import type { InspectedMessage, MessagePlace, WireMessage } from '@lovage/core';
import { envelopeOf } from '../wire/delayed-entry.js';
import { readEnvelope } from '../wire/envelope.js';
import { envelopeOfEntry } from '../wire/rewrite-envelope.js';

interface Shown {
  readonly queue: string;
  readonly place: MessagePlace;
  /** As it stands in the store. */
  readonly raw: Buffer;
  readonly envelope: string;
  /** Deliveries beside those that the envelope tells. */
  readonly more?: number;
}

/** What can not be read is shown as it is: somebody has to see it. Never throws. */
function shown({ queue, place, raw, envelope, more = 0 }: Shown): InspectedMessage {
  const { envelope: found } = readEnvelope(envelope);
  return {
    message: found?.message ?? rawMessage(raw),
    queue,
    place,
    deliveries: (found?.deliveries ?? 0) + more,
  };
}

const rawMessage = (body: Buffer): WireMessage => ({
  contentType: 'application/octet-stream',
  contentEncoding: 'binary',
  headers: {},
  properties: {},
  body,
});

/** An element of a queue's list. */
export const shownReady = (queue: string, raw: Buffer): InspectedMessage =>
  shown({ queue, place: 'ready', raw, envelope: raw.toString() });

/** A member of a queue's time index. @param at its score, milliseconds since 1970 UTC */
export const shownDelayed = (queue: string, raw: Buffer, at: number): InspectedMessage => ({
  ...shown({ queue, place: 'delayed', raw, envelope: envelopeOf(raw.toString()) }),
  notBefore: at,
});

/** An entry of `unacked`: what a consumer has in hand counts as delivered once more. */
export const shownUnsettled = (queue: string, raw: Buffer): InspectedMessage =>
  shown({ queue, place: 'unsettled', raw, envelope: envelopeOfEntry(raw.toString()), more: 1 });

/** A parked record, see `parkedRecord`. */
export function shownParked(queue: string, raw: Buffer): InspectedMessage {
  const { code, text, deliveries, envelope } = fieldsOf(raw);
  const original = typeof envelope === 'string' ? Buffer.from(envelope) : raw;
  return {
    ...shown({ queue, place: 'parked', raw: original, envelope: original.toString() }),
    deliveries: typeof deliveries === 'number' ? deliveries : 0,
    reason: {
      code: typeof code === 'string' ? code : '',
      text: typeof text === 'string' ? text : '',
    },
  };
}

function fieldsOf(raw: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(raw.toString());
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}
