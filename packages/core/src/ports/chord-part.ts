import type { Encoded } from '../message/encoded.js';

/** A finished member of a chord's header. */
export interface ChordPart {
  readonly groupId: string;
  readonly taskId: string;
  /** Position in the header; `undefined` sorts last. */
  readonly groupIndex?: number | undefined;
  /** Number of parts that make the chord complete. */
  readonly size: number;
  /** Encoded part, opaque to the store. A string is UTF-8 text; a store may give back bytes for it, and the other way round. */
  readonly document: Encoded;
  readonly ttlMs?: number | undefined;
}

/** `complete`: this call was the last part; the documents of all parts, in the order of their positions. */
export type Joined =
  | { readonly kind: 'waiting'; readonly count: number }
  | { readonly kind: 'complete'; readonly documents: readonly Encoded[] };
