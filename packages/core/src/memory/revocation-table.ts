import type { Clock } from '../clock/clock.js';
import type { WireMessage } from '../message/wire-message.js';
import { WrittenTask } from '../message/written-task.js';
import type { Revocation } from '../ports/ledger.js';
import { ExpiryIndex } from './expiry-index.js';

/** Ids of tasks that must not run, each for a time. */
export class RevocationTable {
  private readonly expiresAt = new Map<string, number>();
  private readonly expiry: ExpiryIndex<string>;

  constructor(private readonly clock: Clock) {
    this.expiry = new ExpiryIndex(clock, (taskId, now) => this.expire(taskId, now));
  }

  add({ taskId }: Revocation, ttlMs: number): void {
    const expiresAt = this.clock.monoNow() + ttlMs;
    const present = this.expiresAt.get(taskId);
    if (present !== undefined && present >= expiresAt) return;
    this.expiresAt.set(taskId, expiresAt);
    if (present === undefined) this.expiry.file(taskId, expiresAt);
  }

  has(taskId: string): boolean {
    const expiresAt = this.expiresAt.get(taskId);
    return expiresAt !== undefined && expiresAt > this.clock.monoNow();
  }

  /** Whether the task of a message is revoked; `undefined` where the message does not say which task it is. */
  found(message: WireMessage): boolean | undefined {
    if (this.expiresAt.size === 0) return false;
    // Its headers are not read, since they are made when they are.
    const taskId =
      message instanceof WrittenTask
        ? message.taskId
        : (message.headers['id'] ?? message.properties.correlationId);
    return typeof taskId === 'string' ? this.has(taskId) : undefined;
  }

  close(): void {
    this.expiry.close();
    this.expiresAt.clear();
  }

  private expire(taskId: string, nowMs: number): number | undefined {
    const expiresAt = this.expiresAt.get(taskId);
    if (expiresAt === undefined) return undefined;
    if (expiresAt > nowMs) return expiresAt;
    this.expiresAt.delete(taskId);
    return undefined;
  }
}
