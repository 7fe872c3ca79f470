import type { RedisTarget } from '../connection/redis-target.js';

/** What the thread is started with. */
export interface LeaseThreadData {
  readonly target: RedisTarget;
  readonly leaseMs: number;
  readonly visibilityTimeoutMs: number;
}

/** What the thread is told. */
export type LeaseCommand =
  | { readonly kind: 'add' | 'remove'; readonly owner: string }
  | { readonly kind: 'close' };

/** What the thread tells. */
export interface LeaseNotice {
  readonly lost: string;
}
