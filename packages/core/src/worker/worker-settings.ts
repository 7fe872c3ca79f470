import type { PoolSettings } from './pools/pool-settings.js';

/** Worker options after validation. */
export interface WorkerSettings {
  readonly pool: PoolSettings;
  /** As in the settings of the pool. */
  readonly concurrency: number;
  readonly prefetch: number;
  readonly queues: readonly string[];
  readonly queueOrder: 'fair' | 'priority';
  readonly hostname: string;
  readonly drainTimeoutMs: number;
  readonly maxDeliveries: number;
  /** Limits of runs whose message and task say none: milliseconds; `undefined`: none. */
  readonly hardMs: number | undefined;
  readonly softMs: number | undefined;
}
