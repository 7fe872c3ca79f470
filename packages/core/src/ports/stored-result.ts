import type { Encoded } from '../message/encoded.js';

/**
 * A result document as a store keeps it: encoded, with what a store must know about it. Some are made when they are first
 * read, so a driver reads the field when it needs the document, and never copies the object by spreading it.
 */
export interface StoredResult {
  readonly taskId: string;
  /** State inside the document: `PENDING`, `STARTED`, `SUCCESS`, … or a custom word. */
  readonly state: string;
  /**
   * Celery's result document in the result serializer, see `encodeResult`. A string is the UTF-8 text of a text format such
   * as JSON; a store may give back bytes for it, and the other way round.
   */
  readonly document: Encoded;
  /** Milliseconds until it may be deleted; `undefined`: kept for ever. */
  readonly ttlMs?: number | undefined;
  /** Where whoever sent the task hears of it, for a store that is not shared. */
  readonly replyTo?: string | undefined;
}
