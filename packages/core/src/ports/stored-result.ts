/** A result document as a store keeps it: encoded, with what a store must know about it. */
export interface StoredResult {
  readonly taskId: string;
  /** State inside the document: `PENDING`, `STARTED`, `SUCCESS`, … or a custom word. */
  readonly state: string;
  /** Celery's result document in the result serializer, see `encodeResult`. */
  readonly document: Buffer;
  /** Milliseconds until it may be deleted; `undefined`: kept for ever. */
  readonly ttlMs?: number | undefined;
}
