import type { Clock } from '../clock/clock.js';
import { UNROUTABLE } from '../errors/client-errors.js';
import { DELIVERY_LOST, SETTLE_FAILED } from '../errors/worker-errors.js';
import type { EventHub } from '../events/event-hub.js';
import type { PublishOutcome } from '../ports/publication.js';
import type { Settlement } from '../ports/settlement.js';
import type { Outcome } from './outcome.js';
import type { Run } from './run.js';
import { Settler } from './settler.js';

/** Tells the listeners of this process what happens to runs. Costs nothing while nobody listens. */
export class RunReporter {
  constructor(
    private readonly events: EventHub,
    private readonly clock: Clock,
    private readonly hostname: string,
    /** Of the broker. */
    private readonly address: string,
  ) {}

  /** It was received, and begins. */
  began(run: Run): void {
    if (!this.events.heard) return;
    const { taskId, taskName, message, delivery } = run;
    const { hostname } = this;
    const timestampMs = this.clock.wallNow();
    const { queue } = delivery;
    const retries = message?.retries ?? 0;
    // Written out: this is the hot path of monitored workers, and spreading costs more than the rest.
    this.events.tell({
      taskId,
      taskName,
      hostname,
      timestampMs,
      type: 'task-received',
      queue,
      retries,
      eta: message?.eta,
    });
    this.events.tell({ taskId, taskName, hostname, timestampMs, type: 'task-started' });
  }

  /** Its end was settled. */
  ended(run: Run, outcome: Outcome): void {
    if (!this.events.heard) return;
    if ((outcome.kind === 'succeeded' || outcome.kind === 'failed') && outcome.repeated === true) return;
    const base = this.base(run);
    const runtimeMs = run.startedAt === undefined ? 0 : this.clock.monoNow() - run.startedAt;
    switch (outcome.kind) {
      case 'succeeded': {
        const { taskId, taskName, hostname, timestampMs } = base;
        return this.events.tell({
          taskId,
          taskName,
          hostname,
          timestampMs,
          type: 'task-succeeded',
          runtimeMs,
        });
      }
      case 'failed':
        return this.events.tell({ ...base, type: 'task-failed', error: outcome.error, runtimeMs });
      case 'retried':
        return this.events.tell({
          ...base,
          type: 'task-retried',
          error: outcome.retry.error,
          notBeforeMs: outcome.retry.notBeforeMs,
        });
      case 'ignored':
        return this.events.tell({ ...base, type: 'task-ignored' });
      case 'rejected':
        return this.events.tell({
          ...base,
          type: 'task-rejected',
          requeue: outcome.requeue,
          reason: outcome.reason,
        });
      case 'revoked':
        return this.events.tell({
          ...base,
          type: 'task-revoked',
          expired: outcome.reason === 'expired',
          terminated: outcome.reason === 'terminated',
        });
      case 'lost':
      case 'parked':
        return this.problem(outcome.error, run);
      case 'released':
      case 'superseded':
      case 'replaced':
      case 'postponed':
    }
  }

  /** Something went wrong that is not the failure of a task. */
  problem(error: unknown, run?: Run): void {
    this.events.tell({
      type: 'worker-problem',
      hostname: this.hostname,
      error,
      taskId: run?.taskId,
      taskName: run?.taskName,
    });
  }

  /** Its message is no longer ours. */
  lost(run: Run): void {
    const { taskId, taskName } = run;
    this.problem(DELIVERY_LOST.create({ taskId, taskName }), run);
  }

  /** Its end could not be written. */
  unsettled(run: Run, cause: unknown): void {
    const { taskId, taskName } = run;
    const details = { taskId, taskName, broker: this.address, attempts: Settler.attempts };
    this.problem(SETTLE_FAILED.create(details, cause), run);
  }

  /** A message that follows found no queue: the task itself has ended, so an operator must hear of it. */
  unroutable(run: Run, { publishes }: Settlement, outcomes: readonly PublishOutcome[]): void {
    const { taskId, taskName } = run;
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.kind === 'accepted') continue;
      const { exchange = '', routingKey = '' } = publishes[index] ?? {};
      this.problem(UNROUTABLE.create({ taskId, taskName, exchange, routingKey }), run);
    }
  }

  private base(run: Run): { taskId: string; taskName: string; hostname: string; timestampMs: number } {
    return {
      taskId: run.taskId,
      taskName: run.taskName,
      hostname: this.hostname,
      timestampMs: this.clock.wallNow(),
    };
  }
}
