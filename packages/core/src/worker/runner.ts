import type { Clock } from '../clock/clock.js';
import { Deadline } from '../clock/deadline.js';
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
import type { TaskDefinition } from '../task/task-definition.js';
import { BodyCopies } from './body-copies.js';
import { settlementOf, stateRecord } from './conclude.js';
import type { ConclusionParts } from './conclusion-parts.js';
import { again } from './continuation.js';
import { EarlierEnds } from './earlier-ends.js';
import { EarlyAcknowledgement } from './early-acknowledgement.js';
import type { FlowGate } from './flow/flow-gate.js';
import type { WorkflowSettlement } from './follow-ups/workflow-settlement.js';
import { type WorkflowOutcome, WorkflowSettler } from './follow-ups/workflow-settler.js';
import { WorkflowSweeper } from './follow-ups/workflow-sweeper.js';
import type { Hold } from './hold.js';
import { type HookCaller, hookCallerOf } from './hook-caller.js';
import type { Outcome } from './outcome.js';
import type { Pool } from './pools/pool.js';
import type { Revocations } from './revocations.js';
import type { Run } from './run.js';
import { runActionOf } from './run-attempt.js';
import { RunContext, type RunContextParts } from './run-context.js';
import type { RunReporter } from './run-reporter.js';
import { Settler } from './settler.js';
import { StateWriter } from './state-writer.js';
import { admit } from './steps/admission.js';
import type { AdmissionParts } from './steps/admission-step.js';
import { LimitWatch, type TimeLimits, timeLimitsOf } from './time-limits.js';
import { UnwrittenEnds } from './unwritten-ends.js';
import type { WorkerParts } from './worker-parts.js';

export interface RunnerParts {
  readonly worker: WorkerParts;
  readonly pool: Pool;
  readonly revocations: Revocations;
  readonly reporter: RunReporter;
  readonly flow: FlowGate;
  /** Told after each run that has ended in its slot. */
  readonly onSlotFree: () => void;
}

/** The way of one run: admitted, begun in the pool, ended, concluded, settled. */
export class Runner {
  private readonly clock: Clock;
  private readonly pool: Pool;
  private readonly settler: Settler;
  private readonly workflows: WorkflowSettler;
  /** Runs while the worker does. */
  readonly sweeper: WorkflowSweeper;
  private readonly states: StateWriter;
  private readonly admission: AdmissionParts;
  private readonly conclusion: ConclusionParts;
  private readonly contextParts: RunContextParts;
  private readonly reporter: RunReporter;
  /** By task name, set while the worker runs. */
  private changedLimits: Map<string, TimeLimits> | undefined;
  private draining = false;
  private readonly unwritten: UnwrittenEnds;
  private finishedWhileDraining = 0;

  constructor(private readonly parts: RunnerParts) {
    const { worker, pool, revocations, reporter } = parts;
    const { stores, registry, settings, limits } = worker;
    this.clock = stores.clock;
    this.pool = pool;
    this.reporter = reporter;
    this.settler = new Settler(stores, worker.newId);
    this.states = new StateWriter(stores);
    this.unwritten = new UnwrittenEnds(this.clock, this.settler);
    const decoding = { acceptContent: worker.acceptContent, limits };
    const earlier = new EarlierEnds(stores, decoding, (error, run) => reporter.problem(error, run));
    const copies = new BodyCopies(
      stores,
      async (run) => await earlier.find(run),
      (error, run) => reporter.problem(error, run),
    );
    const early = new EarlyAcknowledgement(this.settler, {
      onRefused: (run, outcome, error) => {
        this.forget(run);
        if (outcome?.kind === 'lost') this.reporter.lost(run);
        else this.reporter.unsettled(run, error);
        // It has not begun, so it may go back, should its message be there still.
        if (error !== undefined) this.unwritten.giveUp(run.delivery);
        run.onSettled?.();
      },
      onCalledOff: (run) => this.sendAgain(run),
    });
    this.admission = {
      clock: this.clock,
      registry,
      decoding,
      revocations,
      maxDeliveries: settings.maxDeliveries,
      findEarlier: async (run) => await earlier.find(run),
      ownsCopy: async (run, copy) => await copies.has(run, copy),
      acknowledge: (run, wake) => early.begin(run, wake),
      flow: parts.flow,
    };
    this.conclusion = {
      clock: this.clock,
      serializer: worker.serializer,
      compression: worker.compression,
      limits,
      resultTtlMs: worker.resultTtlMs,
      keepResults: stores.results !== undefined,
      follow: {
        clock: this.clock,
        registry,
        router: worker.router,
        serializer: worker.serializer,
        compression: worker.compression,
        limits,
        origin: worker.origin,
        replyTo: stores.results?.replyTo,
        tracksSent: worker.trackSent && stores.results?.capabilities.shared === true,
        resultTtlMs: worker.resultTtlMs,
        keepResults: stores.results !== undefined,
      },
      hostname: settings.hostname,
      sharedResults: stores.results?.capabilities.shared !== false,
    };
    this.workflows = new WorkflowSettler({
      stores,
      settler: this.settler,
      follow: this.conclusion.follow,
      decoding,
      createMissingQueues: worker.createMissingQueues,
      newId: worker.newId,
      onProblem: (error, run) => reporter.problem(error, run),
    });
    this.sweeper = new WorkflowSweeper({
      stores,
      follow: this.conclusion.follow,
      decoding,
      createMissingQueues: worker.createMissingQueues,
      newId: worker.newId,
      looseEnds: this.workflows.looseEnds,
      hostname: settings.hostname,
      onProblem: (error) => reporter.problem(error),
    });
    this.contextParts = {
      clock: this.clock,
      hostname: settings.hostname,
      random: worker.random,
      writeState: async (run, state, meta) => await this.writeState(run, state, meta),
    };
  }

  /** Admits a run and begins it; only while the pool is free. Gives what holds it back, where something does. */
  begin(run: Run): Hold | undefined {
    if (run.abandoned) return undefined;
    const refused = admit(run, this.admission);
    if (refused?.kind === 'held') return refused;
    const { message, definition } = run;
    if (refused !== undefined || message === undefined || definition === undefined) {
      if (refused !== undefined) this.conclude(run, refused);
      return undefined;
    }
    run.startedAt = this.clock.monoNow();
    const context = new RunContext(run, message, definition.options, this.contextParts);
    run.context = context;
    this.reporter.began(run);
    if (definition.options.trackStarted === true) {
      this.writeState(run, TaskState.STARTED, { hostname: this.contextParts.hostname }).catch(
        (error: unknown) => this.reporter.problem(error, run),
      );
    }
    const changed = this.changedLimits?.get(definition.name);
    const limits =
      changed === undefined
        ? timeLimitsOf(message, definition.options, this.parts.worker.settings)
        : timeLimitsOf(message, noOptions, changed);
    if (limits !== undefined) {
      run.limits = new LimitWatch(this.clock, limits, {
        onSoft: (limitMs) => context.abort(SOFT_TIME_LIMIT.create({ ...identityOf(run), limitMs })),
        onHard: (limitMs) => this.endByLimit(run, context, limitMs),
      });
    }
    const hooks = this.hooksOf(definition);
    this.pool.begin(run, runActionOf(definition, message, context, hooks), this.onEnd);
    return undefined;
  }

  /** Gives a message back to its queue; what it was to do has not been done, or not to its end. */
  handBack(run: Run): void {
    // Whoever waits for the acknowledgement does the rest.
    if (run.acknowledgement === 'asked') return;
    if (run.acknowledgement === 'done') {
      this.sendAgain(run);
      return;
    }
    this.settle(
      run,
      { delivery: run.delivery, verb: { kind: 'release' }, results: [], publishes: [], joins: [] },
      undefined,
    );
  }

  /** Lets run what runs until the deadline, and hands back the rest. */
  async drain(
    deadline: Deadline,
    hurried: Promise<void>,
  ): Promise<Pick<DrainReport, 'finished' | 'abandoned'>> {
    this.draining = true;
    await deadline.within(Promise.race([this.pool.drained(), hurried]));
    const abandoned = this.cut();
    this.unwritten.close();
    return { finished: this.finishedWhileDraining, abandoned };
  }

  /** Resolves when nothing runs and all that ended is written. */
  async quiet(): Promise<void> {
    await this.pool.drained();
    await this.states.drained();
    await this.workflows.drained();
  }

  /** Resolves when all that was concluded has been written. */
  async written(deadline: Deadline): Promise<void> {
    await deadline.within(this.states.drained());
    await deadline.within(this.workflows.drained());
  }

  lose(lost: ReadonlySet<Delivery>): void {
    for (const run of this.pool.active) {
      if (!lost.has(run.delivery)) continue;
      const error = DELIVERY_LOST.create({ taskId: run.taskId, taskName: run.taskName });
      run.abandoned = true;
      run.context?.abort(error);
      this.reporter.problem(error, run);
    }
    if (this.unwritten.empty) return;
    for (const run of this.unwritten.lose(lost)) {
      this.forget(run);
      this.reporter.lost(run);
    }
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

  /** For runs that begin from now on, where their message says nothing. */
  setTimeLimits(taskName: string, limits: TimeLimits): void {
    this.changedLimits ??= new Map();
    this.changedLimits.set(taskName, limits);
  }

  /** The pool kills what it can. What it can not kill may go on, but nobody waits for it, and its end has no effect. */
  private endByLimit(run: Run, context: RunContext, limitMs: number): void {
    const error = TIME_LIMIT.create({ ...identityOf(run), limitMs });
    context.abort(error);
    const hooks = run.definition && this.hooksOf(run.definition);
    void hooks?.after({ state: 'FAILURE', error }, context);
    const end: Outcome = { kind: 'failed', error };
    if (this.pool.kill(run, end)) return;
    this.pool.letGo(run);
    this.onEnd(run, end);
  }

  private hooksOf(definition: TaskDefinition): HookCaller | undefined {
    return hookCallerOf(definition, this.parts.worker.registry, this.reportHook);
  }

  private readonly reportHook = (error: Error): void => this.reporter.problem(error);

  /** Of a message that is gone already: it goes back to its queue as a new one. */
  private sendAgain(run: Run): void {
    const publishes = [again(run, undefined)];
    const { delivery } = run;
    this.settle(run, { delivery, verb: { kind: 'ack' }, results: [], publishes, joins: [] }, undefined);
  }

  /** It is no longer ours. */
  forget(run: Run): void {
    this.parts.flow.ended(run, undefined);
  }

  private readonly onEnd = (run: Run, outcome: Outcome): void => {
    run.limits?.cancel();
    if (run.abandoned) {
      this.forget(run);
    } else {
      if (this.draining && outcome.kind !== 'released') this.finishedWhileDraining += 1;
      this.conclude(
        run,
        run.terminated && outcome.kind === 'failed' ? { kind: 'revoked', reason: 'terminated' } : outcome,
      );
    }
    this.parts.onSlotFree();
  };

  private conclude(run: Run, outcome: Outcome): void {
    let settlement: WorkflowSettlement;
    let told = outcome;
    try {
      settlement = settlementOf(run, outcome, this.conclusion);
    } catch (error) {
      // The value of a success, or the message of a retry, can not be written: that is the failure of the task.
      told = { kind: 'failed', error };
      settlement = settlementOf(run, told, this.conclusion);
    }
    this.settle(run, settlement, told);
  }

  private settle(run: Run, settlement: WorkflowSettlement, told: Outcome | undefined): void {
    const done = (outcome: WorkflowOutcome | undefined, error: unknown): void => {
      if (error !== undefined) {
        this.insist(run, settlement, told, error);
        return;
      }
      if (!this.unwritten.empty) this.unwritten.over(run);
      this.parts.flow.ended(run, outcome?.kind === 'settled' ? told : undefined);
      if (outcome?.kind === 'lost') this.reporter.lost(run);
      else if (outcome?.kind === 'settled') {
        if (outcome.published !== undefined) this.reporter.unroutable(run, settlement, outcome.published);
        if (told !== undefined) this.reporter.ended(run, told);
      }
      run.onSettled?.();
    };
    this.workflows.push(
      run,
      run.acknowledgement === undefined ? settlement : detachedOf(run, settlement),
      done,
    );
  }

  /** Its end could not be written: the work is done, so that is tried again, rather than the task. */
  private insist(run: Run, settlement: WorkflowSettlement, told: Outcome | undefined, error: unknown): void {
    const kept = this.unwritten.keep(run, error, () => this.settle(run, settlement, told));
    if (kept !== 'kept on') this.reporter.unsettled(run, error);
    if (kept === 'given up') {
      this.forget(run);
      if (run.acknowledgement === undefined && !run.abandoned) this.unwritten.giveUp(run.delivery);
    }
    // Who waits for it to end alone waits for its work, and not for a store.
    run.onSettled?.();
  }

  /** What could not be written goes back with the consumer. */
  stop(): void {
    this.unwritten.stop();
  }

  private async writeState(run: Run, state: string, meta: unknown): Promise<void> {
    const result = stateRecord(run, state, meta, this.conclusion);
    if (result !== undefined && !run.abandoned) await this.states.write(result);
  }

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
        this.conclude(run, end);
        return { taskId, taskName };
      }
      // We give the message back although the task may still be running. Running twice can be handled by an idempotent
      // task; a lost task can't be handled by anyone.
      this.handBack(run);
      return { taskId, taskName };
    });
  }
}

const identityOf = ({ taskId, taskName }: Run): { readonly taskId: string; readonly taskName: string } => ({
  taskId,
  taskName,
});

/** A message that is gone can not go back: it is sent as a new one. */
function detachedOf(run: Run, settlement: WorkflowSettlement): WorkflowSettlement {
  const { kind } = settlement.verb;
  if (kind !== 'requeue' && kind !== 'release') return settlement;
  return { ...settlement, publishes: [...settlement.publishes, again(run, undefined)] };
}

const noOptions = {};
