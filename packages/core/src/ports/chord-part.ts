import type { Encoded } from '../message/encoded.js';

/** A chord that begins: how many parts make it complete. */
export interface Chord {
  readonly groupId: string;
  /** Number of parts. From 1. */
  readonly size: number;
  /** Who begins it. Beginning it once more as the same one is a repeat; as another one it is refused. */
  readonly owner: string;
  /** Celery's document of a group, where the values of the parts do not stand in a row: kept as `putGroup` keeps it. */
  readonly structure?: Encoded | undefined;
  /** What core wants to know of it should it never be complete; opaque to the store. */
  readonly record: string;
  readonly ttlMs?: number | undefined;
}

/** `taken`: another chord was begun under this id, or Python has begun it. */
export type ChordOpening = { readonly kind: 'opened' } | { readonly kind: 'taken' };

/** A chord that was begun, and has not been closed. */
export interface OpenChord {
  readonly groupId: string;
  readonly record: string;
  /** When it began: milliseconds since 1970 UTC. */
  readonly openedAtMs: number;
}

/** A finished member of a chord's header. */
export interface ChordPart {
  readonly groupId: string;
  readonly taskId: string;
  /** Position in the header; `undefined` sorts last. */
  readonly groupIndex?: number | undefined;
  /** Encoded part, opaque to the store. A string is UTF-8 text; a store may give back bytes for it, and the other way round. */
  readonly document: Encoded;
  /** By how many parts it makes its chord larger; takes effect when it is counted, once. Default 0. */
  readonly adds?: number | undefined;
  readonly ttlMs?: number | undefined;
}

/**
 * `complete`: this part was the last one; the documents of all parts, in the order of their positions, and the document of the group
 * where one is kept.
 */
export type Joined =
  | { readonly kind: 'waiting'; readonly count: number }
  | {
      readonly kind: 'complete';
      readonly documents: readonly Encoded[];
      readonly structure?: Encoded | undefined;
    };
