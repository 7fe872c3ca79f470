import { encodedBytes, type Publication, type WallMs, type WireMessage } from '@lovage/core';

interface Written {
  readonly contentType: string;
  readonly contentEncoding: string;
  readonly headers: WireMessage['headers'];
  readonly properties: WireMessage['properties'];
  /** Base64. */
  readonly body: string;
  readonly exchange: string;
  readonly routingKey: string;
  readonly notBefore?: number | undefined;
}

/** A publication as text, for the log. */
export function writePublication({ message, exchange, routingKey, notBefore }: Publication): string {
  const written: Written = {
    contentType: message.contentType,
    contentEncoding: message.contentEncoding,
    headers: message.headers,
    properties: message.properties,
    body: Buffer.from(encodedBytes(message.body)).toString('base64'),
    exchange,
    routingKey,
    notBefore,
  };
  return JSON.stringify(written);
}

/** @throws SyntaxError for what `writePublication` has not made */
export function readPublication(text: string): Publication {
  const { contentType, contentEncoding, headers, properties, body, exchange, routingKey, notBefore } =
    JSON.parse(text) as Written;
  return {
    message: { contentType, contentEncoding, headers, properties, body: Buffer.from(body, 'base64') },
    exchange,
    routingKey,
    ...(notBefore === undefined ? {} : { notBefore: notBefore as WallMs }),
  };
}

/**
 * The task id by which a copy of the message is known, where its publish can put one into the log: where it goes to a queue by the
 * queue's name, at once. `undefined`: it can not.
 */
export const copiedTaskId = ({ message, exchange, notBefore }: Publication): string | undefined =>
  exchange === '' && notBefore === undefined ? message.properties.correlationId : undefined;
