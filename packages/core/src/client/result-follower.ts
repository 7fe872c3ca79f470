import type { StoredResult } from '../ports/stored-result.js';

/** Told what is stored for an id: first the present record (`undefined`: none), then each change. */
export interface ResultFollower {
  readonly taskId: string;
  onRecord(stored: StoredResult | undefined): void;
  /** The store can not be asked, or the client was stopped; nothing follows. */
  onError(error: unknown): void;
}
