import type { ChildEntry } from './child-entry.js';

/** How a worker executes. */
export type PoolKind = 'async' | 'solo' | 'threads' | 'processes';

/** Options of a pool after validation. */
export interface PoolSettings {
  readonly kind: PoolKind;
  /** Tasks in flight; with children: how many children, or the most where `autoscaleFrom` is set. */
  readonly concurrency: number;
  /** Tasks in flight in one child. */
  readonly concurrencyPerChild: number;
  /** Fewest children, of a pool that grows and shrinks by itself. */
  readonly autoscaleFrom: number | undefined;
  readonly maxTasksPerChild: number | undefined;
  readonly maxBytesPerChild: number | undefined;
  /** What makes the application in a child; there where the pool has children. */
  readonly entry: ChildEntry | undefined;
  readonly bootTimeoutMs: number;
}
