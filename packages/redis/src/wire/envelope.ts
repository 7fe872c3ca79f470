import type { MessageProperties, WireMessage } from '@lovage/core';
import { base64Body, base64Of } from './base64-body.js';
import type { Envelope, EnvelopeParts } from './envelope-parts.js';
import { readPlainEnvelope } from './plain-envelope.js';

/** Strings that need no escaping in JSON. */
// reason: control characters are what must be escaped.
// oxlint-disable-next-line no-control-regex
const plain = /^[^"\\\u0000-\u001f\ud800-\udfff]*$/;
const quoted = (text: string): string => (plain.test(text) ? `"${text}"` : JSON.stringify(text));

/**
 * Writes kombu's envelope: one JSON object that any Celery reads. It begins with the delivery tag and the place, so that the
 * claim script finds them without parsing the rest.
 */
export function writeEnvelope(message: WireMessage, parts: EnvelopeParts): string {
  const { properties, body } = message;
  const { correlationId, replyTo, deliveryMode, priority, expiration } = properties;
  let text = `{"properties":{"delivery_tag":${quoted(parts.tag)},"delivery_info":{"exchange":${quoted(parts.exchange)},"routing_key":${quoted(parts.routingKey)}`;
  text += parts.redelivered === true ? ',"redelivered":true}' : '}';
  text += ',"body_encoding":"base64"';
  if (correlationId !== undefined) text += `,"correlation_id":${quoted(correlationId)}`;
  if (replyTo !== undefined) text += `,"reply_to":${quoted(replyTo)}`;
  if (deliveryMode !== undefined) text += `,"delivery_mode":${deliveryMode}`;
  if (priority !== undefined) text += `,"priority":${priority}`;
  if (expiration !== undefined) text += `,"expiration":${quoted(expiration)}`;
  if (parts.deliveries !== undefined && parts.deliveries > 0)
    text += `,"lovage_deliveries":${parts.deliveries}`;
  if (parts.stored === true) text += ',"lovage_stored":true';
  return `${text}},"content-type":${quoted(message.contentType)},"content-encoding":${quoted(message.contentEncoding)},"headers":${JSON.stringify(message.headers)},"body":"${base64Of(body)}"}`;
}

/** An envelope, or what is wrong with it. */
export type EnvelopeReading =
  | { readonly envelope: Envelope; readonly problem?: undefined }
  | { readonly envelope?: undefined; readonly problem: string };

/** Reads an envelope, whoever wrote it. Never throws. */
export function readEnvelope(text: string): EnvelopeReading {
  const plainCall = readPlainEnvelope(text);
  return plainCall === undefined ? readAnyEnvelope(text) : { envelope: plainCall };
}

/** The same with JSON, for every envelope. */
export function readAnyEnvelope(text: string): EnvelopeReading {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'it is no JSON' };
  }
  const { properties, headers, body, ...rest } = fieldsOf(value) ?? {};
  const found = fieldsOf(properties);
  const info = fieldsOf(found?.['delivery_info']);
  const tag = found?.['delivery_tag'];
  const [exchange, routingKey] = [info?.['exchange'], info?.['routing_key']];
  if (found === undefined || typeof tag !== 'string') return { problem: 'it has no properties.delivery_tag' };
  if (typeof exchange !== 'string' || typeof routingKey !== 'string') {
    return { problem: 'it has no properties.delivery_info with exchange and routing_key' };
  }
  if (typeof body !== 'string') return { problem: 'its body is no text' };
  const bytes = bodyOf(body, found['body_encoding']);
  if (bytes === undefined) return { problem: 'its body is no base64' };
  const redelivered = info?.['redelivered'] === true;
  const counted = found['lovage_deliveries'];
  return {
    envelope: {
      tag,
      exchange,
      routingKey,
      redelivered,
      stored: found['lovage_stored'] === true,
      // Python does not count: what it has restored was handed out at least once.
      deliveries: Number.isSafeInteger(counted) ? Number(counted) : redelivered ? 1 : 0,
      message: {
        contentType: textOf(rest['content-type']) ?? '',
        contentEncoding: textOf(rest['content-encoding']) ?? '',
        // Null where a hostile or broken writer left them out; the decoder tells.
        headers: fieldsOf(headers) ?? {},
        properties: propertiesOf(found),
        body: bytes,
      },
    },
  };
}

function propertiesOf(found: Readonly<Record<string, unknown>>): MessageProperties {
  const [correlationId, replyTo, expiration] = [
    textOf(found['correlation_id']),
    textOf(found['reply_to']),
    textOf(found['expiration']),
  ];
  const { priority } = found;
  const mode = found['delivery_mode'];
  return {
    ...(correlationId !== undefined && { correlationId }),
    ...(replyTo !== undefined && replyTo !== '' && { replyTo }),
    ...((mode === 1 || mode === 2) && { deliveryMode: mode }),
    ...(typeof priority === 'number' && { priority }),
    ...(expiration !== undefined && { expiration }),
  };
}

function bodyOf(text: string, encoding: unknown): Buffer | undefined {
  return encoding === 'base64' ? base64Body(text) : Buffer.from(text);
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
