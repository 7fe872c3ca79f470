import { durationMs } from '../clock/duration.js';
import { CAPABILITY_MISSING } from '../errors/config-errors.js';
import { stampId } from '../message/stamp-ids.js';
import type { Ledger } from '../ports/ledger.js';
import type { Stores } from '../stores/stores.js';
import type { RevokeOptions } from './result-access.js';
import type { RevokedTask } from './revoked-task.js';
import type { TaskResult } from './task-result.js';

/** Values by the name of a stamp: all tasks with one of them are meant. */
export type Stamps = Readonly<Record<string, string | readonly string[]>>;

/** Tells workers that do not read our ledger, which are those of Python. */
export interface RevocationBroadcast {
  revoke(taskIds: readonly string[], terminate: boolean): Promise<void>;
  revokeByStamps(stamps: Stamps, terminate: boolean): Promise<void>;
}

export interface RevokerParts {
  readonly stores: Stores;
  /** How long a revocation holds. */
  readonly ttlMs: number;
  readonly result: (taskId: string) => TaskResult;
  readonly broadcast: RevocationBroadcast | undefined;
}

/** Ids in one call and in one message. */
const mostAtOnce = 5000;

/** Records revocations, tells all workers, and finds out what became of the tasks. */
export class Revoker {
  constructor(private readonly parts: RevokerParts) {}

  async revoke(taskIds: readonly string[], options: RevokeOptions): Promise<readonly RevokedTask[]> {
    const terminate = options.terminate ?? false;
    const waitMs = options.wait === undefined ? 0 : durationMs(options.wait, 'wait');
    const outcomes: RevokedTask[] = [];
    for (let from = 0; from < taskIds.length; from += mostAtOnce) {
      const some = taskIds.slice(from, from + mostAtOnce);
      await this.record(some, terminate);
      await this.parts.broadcast?.revoke(some, terminate);
    }
    for (let from = 0; from < taskIds.length; from += mostAtOnce)
      outcomes.push(...(await this.found(taskIds.slice(from, from + mostAtOnce), waitMs)));
    return outcomes;
  }

  async revokeByStamps(stamps: Stamps, options: RevokeOptions): Promise<void> {
    const terminate = options.terminate ?? false;
    const ids = Object.entries(stamps).flatMap(([name, values]) =>
      (typeof values === 'string' ? [values] : values).map((value) => stampId(name, value)),
    );
    await this.record(ids, terminate);
    await this.parts.broadcast?.revokeByStamps(stamps, terminate);
  }

  private async record(taskIds: readonly string[], terminate: boolean): Promise<void> {
    const { stores, ttlMs } = this.parts;
    const revocations = taskIds.map((taskId) => ({ taskId, terminate }));
    const ledger = await this.ledger();
    await ledger.revoke({ revocations, ttlMs, deadline: stores.deadline() });
  }

  private async ledger(): Promise<Ledger> {
    const { stores } = this.parts;
    if (!stores.opened) await stores.open();
    if (stores.ledger !== undefined) return stores.ledger;
    throw CAPABILITY_MISSING.create({
      driver: stores.broker.address,
      capability: 'revoke',
      instead: 'Use a broker with a ledger.',
    });
  }

  private async found(taskIds: readonly string[], waitMs: number): Promise<readonly RevokedTask[]> {
    if (this.parts.stores.results === undefined)
      return taskIds.map((taskId) => ({ taskId, outcome: 'recorded', state: 'PENDING' }));
    return await Promise.all(
      taskIds.map(async (taskId): Promise<RevokedTask> => {
        const result = this.parts.result(taskId);
        // How it ended is read below; here only that it has.
        if (waitMs > 0) await result.get({ timeout: waitMs / 1000 }).catch(() => undefined);
        const { state, ready } = await result.snapshot();
        return { taskId, outcome: ready ? 'over' : 'recorded', state };
      }),
    );
  }
}
