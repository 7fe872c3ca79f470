import type { MessageIdentity } from '../errors/message-errors.js';
import type { MessageLimits } from './message-limits.js';

/** `typed`: Celery's typed values, read by Celery since 5.3; `plain`: the plain text that Celery 5.2 writes. */
export type JsonTypes = 'typed' | 'plain';

/** What a serializer is told about the value it writes. */
export interface EncodeContext {
  readonly limits: MessageLimits;
  readonly jsonTypes: JsonTypes;
  /** What the value is, for error messages: `args`, `result`, … */
  readonly where: string;
  /** Largest output in bytes; a longer one may be refused as soon as that is certain. */
  readonly maxBytes: number;
  /** The message that the value belongs to; read only when an error is made. */
  readonly identity: MessageIdentity;
}

/** What a serializer is told about the bytes it reads. */
export interface DecodeContext {
  readonly limits: MessageLimits;
  /** The message that the bytes belong to; read only when an error is made. */
  readonly identity: MessageIdentity;
}
