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

/** What the thread tells: that it can renew, or whose lease is lost. */
export type LeaseNotice = { readonly kind: 'ready' } | { readonly kind: 'lost'; readonly owner: string };
