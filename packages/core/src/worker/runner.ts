import type { Clock } from '../clock/clock.js';
import type { Deadline } from '../clock/deadline.js';
import {
  DELIVERY_LOST,
  SOFT_TIME_LIMIT,
  TASK_TERMINATED,
  TIME_LIMIT,
  WORKER_STOPPING,
} from '../errors/worker-errors.js';
import type { DrainReport } from '../events/task-event.js';
import { isStampId, stampIdsOf } from '../message/stamp-ids.js';
import { TaskState } from '../message/task-state.js';
import type { Delivery } from '../ports/consumer.js';
import { BodyCopies } from './body-copies.js';
import { EarlierEnds } from './earlier-ends.js';
import type { FlowGate } from './flow/flow-gate.js';
import type { Hold } from './hold.js';
import type { Outcome } from './outcome.js';
import type { Pool } from './pools/pool.js';
import type { Revocations } from './revocations.js';
import type { Run, RunControl, TaskPlan } from './run.js';
import { RunContext, type RunContextParts } from './run-context.js';
import type { RunEnds } from './run-ends.js';
import type { RunReporter } from './run-reporter.js';
import { admit } from './steps/admission.js';
import type { AdmissionParts } from './steps/admission-step.js';
import type { Suspects } from './suspects.js';
import type { TaskPlans } from './task-plans.js';
import { LimitWatch, type TimeLimits, timeLimitsOf } from './time-limits.js';
import { decodingOf, type WorkerParts } from './worker-parts.js';

export interface RunnerParts {
  readonly worker: WorkerParts;
  readonly plans: TaskPlans;
  readonly pool: Pool;
  readonly revocations: Revocations;
  readonly reporter: RunReporter;
  readonly flow: FlowGate;
  readonly ends: RunEnds;
  readonly suspects: Suspects;
  /** Told after each run that has ended in its slot. */
  readonly onSlotFree: () => void;
}

/** The way of one run: admitted, begun in the pool, ended; then its end has it. */
export class Runner {
  private readonly clock: Clock;
  private readonly pool: Pool;
  private readonly ends: RunEnds;
  private readonly admission: AdmissionParts;
  private readonly contextParts: RunContextParts;
  private readonly reporter: RunReporter;
  private draining = false;
  private finishedWhileDraining = 0;

  constructor(private readonly parts: RunnerParts) {
    const { worker, plans, pool, revocations, reporter, flow, ends, suspects } = parts;
    const { stores, registry, settings, random } = worker;
    const { hostname, maxDeliveries } = settings;
    this.clock = stores.clock;
    this.pool = pool;
    this.ends = ends;
    this.reporter = reporter;
    const decoding = decodingOf(worker);
    const onProblem = (error: unknown, run: Run): void => reporter.problem(error, run);
    const earlier = new EarlierEnds(stores, decoding, onProblem);
    const copies = new BodyCopies(stores, async (run) => await earlier.find(run), onProblem);
    this.admission = {
      clock: this.clock,
      registry,
      plans,
      decoding,
      revocations,
      maxDeliveries,
      findEarlier: async (run) => await earlier.find(run),
      ownsCopy: async (run, copy) => await copies.has(run, copy),
      acknowledge: (run, wake) => ends.acknowledge(run, wake),
      flow,
      suspects,
    };
    this.contextParts = {
      clock: this.clock,
      hostname,
      random,
      writeState: async (run, state, meta) => await ends.writeState(run, state, meta),
    };
  }

  /** Admits a run and begins it; only while the pool is free. Gives what holds it back, where something does. */
  begin(run: Run): Hold | undefined {
    if (run.abandoned) return undefined;
    const refused = admit(run, this.admission);
    if (refused?.kind === 'held') return refused;
    const { message, plan } = run;
    if (refused !== undefined || message === undefined || plan === undefined) {
      if (refused !== undefined) this.ends.conclude(run, refused);
      return undefined;
    }
    run.startedAt = this.clock.monoNow();
    const { options } = plan.definition;
    const context = new RunContext(run, message, options, this.contextParts);
    run.context = context;
    this.reporter.began(run);
    if (options.trackStarted === true) this.writeStarted(run);
    const limits = timeLimitsOf(message, plan.limits);
    if (limits !== undefined) this.watchLimits(run, plan, context, limits);
    this.pool.begin(run, plan.action, this.onEnd);
    return undefined;
  }

  /** Lets run what runs until the deadline, and hands back the rest. */
  async drain(
    deadline: Deadline,
    hurried: Promise<void>,
  ): Promise<Pick<DrainReport, 'finished' | 'abandoned'>> {
    this.draining = true;
    await deadline.within(Promise.race([this.pool.drained(), hurried]));
    const abandoned = this.cut();
    this.ends.close();
    return { finished: this.finishedWhileDraining, abandoned };
  }

  /** Resolves when nothing runs and all that ended is written. */
  async quiet(): Promise<void> {
    await this.pool.drained();
    await this.ends.drained();
  }

  lose(lost: ReadonlySet<Delivery>): void {
    for (const run of this.pool.active) {
      if (!lost.has(run.delivery)) continue;
      const error = DELIVERY_LOST.create(identityOf(run));
      run.abandoned = true;
      run.context?.abort(error);
      this.reporter.problem(error, run);
    }
    this.ends.lose(lost);
  }

  /** Ends the runs of a task, or those that carry a stamp; gives their ids. */
  terminate(taskId: string): readonly string[] {
    const means = isStampId(taskId)
      ? ({ message }: Run): boolean =>
          message?.stamps !== undefined && stampIdsOf(message.stamps).includes(taskId)
      : (run: Run): boolean => run.taskId === taskId;
    return [...this.pool.active].filter(means).map((run) => {
      run.terminated = true;
      run.context?.abort(TASK_TERMINATED.create(identityOf(run)));
      this.pool.kill(run, { kind: 'revoked', reason: 'terminated' });
      return run.taskId;
    });
  }

  private writeStarted(run: Run): void {
    this.ends
      .writeState(run, TaskState.STARTED, { hostname: this.contextParts.hostname })
      .catch((error: unknown) => this.reporter.problem(error, run));
  }

  private watchLimits(run: Run, plan: TaskPlan, context: RunControl, limits: TimeLimits): void {
    run.limits = new LimitWatch(this.clock, limits, {
      onSoft: (limitMs) => context.abort(SOFT_TIME_LIMIT.create({ ...identityOf(run), limitMs })),
      onHard: (limitMs) => this.endByLimit(run, plan, context, limitMs),
    });
  }

  /** The pool kills what it can. What it can not kill may go on, but nobody waits for it, and its end has no effect. */
  private endByLimit(run: Run, { hooks }: TaskPlan, context: RunControl, limitMs: number): void {
    const error = TIME_LIMIT.create({ ...identityOf(run), limitMs });
    context.abort(error);
    void hooks?.after({ state: 'FAILURE', error }, context);
    const end: Outcome = { kind: 'failed', error };
    if (this.pool.kill(run, end)) return;
    this.pool.letGo(run);
    this.onEnd(run, end);
  }

  private readonly onEnd = (run: Run, outcome: Outcome): void => {
    run.limits?.cancel();
    if (run.abandoned) {
      this.ends.forget(run);
    } else {
      if (this.draining && outcome.kind !== 'released') this.finishedWhileDraining += 1;
      this.ends.conclude(
        run,
        run.terminated && outcome.kind === 'failed' ? { kind: 'revoked', reason: 'terminated' } : outcome,
      );
    }
    this.parts.onSlotFree();
  };

  /** Gives the messages of tasks that did not end in time back, so that others run them. */
  private cut(): DrainReport['abandoned'] {
    return [...this.pool.active].map((run) => {
      const { taskId, taskName } = run;
      const error = WORKER_STOPPING.create({ taskId, taskName });
      // Of a run whose message is gone this is the end: it must not run twice. One in a child is handed back when that is gone.
      const end: Outcome =
        run.acknowledgement === undefined ? { kind: 'released' } : { kind: 'failed', error };
      if (this.pool.kill(run, end)) return { taskId, taskName };
      run.abandoned = true;
      run.limits?.cancel();
      run.context?.abort(error);
      if (end.kind === 'failed') {
        this.ends.conclude(run, end);
        return { taskId, taskName };
      }
      // We give the message back although the task may still be running. Running twice can be handled by an idempotent
      // task; a lost task can't be handled by anyone.
      this.ends.handBack(run);
      return { taskId, taskName };
    });
  }
}

const identityOf = ({ taskId, taskName }: Run): { readonly taskId: string; readonly taskName: string } => ({
  taskId,
  taskName,
});
