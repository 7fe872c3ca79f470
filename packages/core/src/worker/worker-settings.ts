/** Worker options after validation. */
export interface WorkerSettings {
  readonly concurrency: number;
  readonly prefetch: number;
  readonly queues: readonly string[];
  readonly queueOrder: 'fair' | 'priority';
  readonly hostname: string;
  readonly drainTimeoutMs: number;
  readonly maxDeliveries: number;
}
