import type { Encoded } from './encoded.js';

/** AMQP basic properties of a message, camelCase. Absent means "not set" on the wire. */
export interface MessageProperties {
  /** The task id; names the result for the rpc result store. */
  readonly correlationId?: string;
  /** Queue on which the publisher reads rpc results. */
  readonly replyTo?: string;
  /** 1 transient, 2 persistent. */
  readonly deliveryMode?: 1 | 2;
  /** 0 to 9. */
  readonly priority?: number;
  /** Time to live in the broker: whole milliseconds as decimal text. */
  readonly expiration?: string;
}

/** Message headers as they stand on the wire: Celery's names, plain JSON values. Never trusted, see `decodeTask`. */
export type WireHeaders = Readonly<Record<string, unknown>>;

/**
 * A message as a broker carries it: what AMQP calls properties, headers and body. The driver adds what its technology
 * needs beside it (the base64 envelope on Redis, the frames on AMQP) and must give back the same values. Headers and body may be
 * made when they are first read, so a driver reads the fields that it needs, and never copies the object by spreading it.
 */
export interface WireMessage {
  /** Exact media type without parameters, such as `application/json`. */
  readonly contentType: string;
  /** `utf-8` or `binary`. */
  readonly contentEncoding: string;
  readonly headers: WireHeaders;
  readonly properties: MessageProperties;
  /**
   * Serialized, then compressed when the header `compression` says so. A string is the UTF-8 text of a text format such as
   * JSON, not compressed; a broker may give back bytes for it, and the other way round.
   */
  readonly body: Encoded;
}
