import { isLovageError } from '../errors/lovage-error.js';
import { stampId } from '../message/stamp-ids.js';
import type { ControlledLimits, ControlledWorker } from '../monitor/control-command.js';
import type { Stores } from '../stores/stores.js';
import type { TaskRegistry } from '../task/task-registry.js';
import type { Worker } from '../worker/worker.js';

export interface WorkerControlParts {
  readonly worker: Worker;
  readonly stores: Stores;
  readonly registry: TaskRegistry;
  readonly revokeTtlMs: number;
}

/** What control commands may do to the worker of an app. */
export class WorkerControl implements ControlledWorker {
  constructor(private readonly parts: WorkerControlParts) {}

  get hostname(): string {
    return this.parts.worker.hostname;
  }

  knows(taskName: string): boolean {
    return this.parts.registry.find(taskName) !== undefined;
  }

  running(taskIds: readonly string[]): readonly string[] {
    return taskIds.filter((taskId) => this.parts.worker.runs(taskId));
  }

  async revoke(taskIds: readonly string[], terminate: boolean): Promise<void> {
    const { stores, revokeTtlMs } = this.parts;
    const revocations = taskIds.map((taskId) => ({ taskId, terminate }));
    await stores.ledger?.revoke({ revocations, ttlMs: revokeTtlMs, deadline: stores.deadline() });
  }

  terminate(taskIds: readonly string[]): void {
    for (const taskId of taskIds) this.parts.worker.terminate(taskId);
  }

  async revokeByStamps(
    stamps: Readonly<Record<string, readonly string[]>>,
    terminate: boolean,
  ): Promise<readonly string[]> {
    const ids = Object.entries(stamps).flatMap(([name, values]) =>
      values.map((value) => stampId(name, value)),
    );
    const ended = terminate ? ids.flatMap((id) => this.parts.worker.terminate(id)) : [];
    await this.revoke(ids, terminate);
    return ended;
  }

  setTimeLimits(taskName: string, limits: ControlledLimits): void {
    this.parts.worker.setTimeLimits(taskName, limits);
  }

  resizePool(by: number): void {
    this.parts.worker.resizePool(by);
  }

  setRateLimit(taskName: string, rate: string | number | null): boolean {
    try {
      this.parts.worker.setRateLimit(taskName, rate ?? 0);
      return true;
    } catch (error) {
      if (isLovageError(error)) return false;
      throw error;
    }
  }
}
