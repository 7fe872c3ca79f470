/** AMQP basic properties, camelCase. The same shape as in @lovage/core. */
export interface PeerMessageProperties {
  readonly correlationId?: string;
  readonly replyTo?: string;
  /** 1 transient, 2 persistent. */
  readonly deliveryMode?: 1 | 2;
  /** 0 to 9. */
  readonly priority?: number;
  /** Whole milliseconds as decimal text. */
  readonly expiration?: string;
}

/**
 * A message as a broker carries it. The same shape as `WireMessage` of @lovage/core, declared again because this
 * package must not depend on what it helps to test.
 */
export interface PeerWireMessage {
  readonly contentType: string;
  readonly contentEncoding: string;
  /** Celery's names, plain JSON values. */
  readonly headers: Readonly<Record<string, unknown>>;
  readonly properties: PeerMessageProperties;
  /** Serialized, then compressed when the header `compression` says so. A string is UTF-8 text. */
  readonly body: Buffer | string;
}

/** The object that kombu queues on Redis; base64 body, names with dashes. */
interface Envelope {
  readonly body: string;
  readonly 'content-type'?: string;
  readonly 'content-encoding'?: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly properties: Readonly<Record<string, unknown>>;
}

const amqpNames = {
  correlationId: 'correlation_id',
  replyTo: 'reply_to',
  deliveryMode: 'delivery_mode',
  priority: 'priority',
  expiration: 'expiration',
} as const satisfies Readonly<Record<keyof PeerMessageProperties, string>>;

/** @param text an envelope as kombu writes it */
export function messageOfEnvelope(text: string): PeerWireMessage {
  const envelope = JSON.parse(text) as Required<Envelope>;
  const properties: Record<string, unknown> = {};
  for (const [name, amqpName] of Object.entries(amqpNames)) {
    const value = envelope.properties[amqpName];
    if (value !== undefined && value !== null) properties[name] = value;
  }
  return {
    contentType: envelope['content-type'],
    contentEncoding: envelope['content-encoding'],
    headers: envelope.headers,
    properties,
    body: Buffer.from(envelope.body, 'base64'),
  };
}

/** @param content a string is UTF-8 text */
export const base64Of = (content: Uint8Array | string): string =>
  (typeof content === 'string' ? Buffer.from(content, 'utf8') : Buffer.from(content)).toString('base64');

/** The envelope in which a driver would hand this message to a Python worker on Redis. */
export function envelopeOfMessage(message: PeerWireMessage): Envelope {
  const properties: Record<string, unknown> = {
    body_encoding: 'base64',
    delivery_info: { exchange: '', routing_key: 'celery' },
    delivery_tag: 'peer',
  };
  for (const [name, amqpName] of Object.entries(amqpNames)) {
    const value = message.properties[name as keyof PeerMessageProperties];
    if (value !== undefined) properties[amqpName] = value;
  }
  return {
    body: base64Of(message.body),
    'content-type': message.contentType,
    'content-encoding': message.contentEncoding,
    headers: message.headers,
    properties,
  };
}
