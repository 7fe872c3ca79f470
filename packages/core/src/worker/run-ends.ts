import type { Deadline } from '../clock/deadline.js';
import { VALUE_UNSERIALIZABLE } from '../errors/message-errors.js';
import type { Delivery } from '../ports/consumer.js';
import { settlementOf, stateRecord } from './conclude.js';
import { type ConclusionParts, conclusionPartsOf } from './conclusion-parts.js';
import { again } from './continuation.js';
import { EarlyAcknowledgement } from './early-acknowledgement.js';
import type { FlowGate } from './flow/flow-gate.js';
import type { WorkflowSettlement } from './follow-ups/workflow-settlement.js';
import { type WorkflowOutcome, WorkflowSettler } from './follow-ups/workflow-settler.js';
import { WorkflowSweeper } from './follow-ups/workflow-sweeper.js';
import type { Outcome } from './outcome.js';
import type { Run } from './run.js';
import type { RunReporter } from './run-reporter.js';
import { Settler } from './settler.js';
import { StateWriter } from './state-writer.js';
import { UnwrittenEnds } from './unwritten-ends.js';
import { decodingOf, type WorkerParts } from './worker-parts.js';

export interface RunEndsParts {
  readonly worker: WorkerParts;
  readonly reporter: RunReporter;
  readonly flow: FlowGate;
}

/** What becomes of runs that are over, and of deliveries that go back: concluded, settled, told. */
export class RunEnds {
  private readonly settler: Settler;
  private readonly workflows: WorkflowSettler;
  /** Runs while the worker does. */
  readonly sweeper: WorkflowSweeper;
  private readonly states: StateWriter;
  private readonly early: EarlyAcknowledgement;
  private readonly unwritten: UnwrittenEnds;
  private readonly conclusion: ConclusionParts;
  private readonly reporter: RunReporter;

  constructor(private readonly parts: RunEndsParts) {
    const { worker, reporter } = parts;
    const { stores, settings, createMissingQueues, newId } = worker;
    this.reporter = reporter;
    this.settler = new Settler(stores, newId);
    this.states = new StateWriter(stores);
    this.unwritten = new UnwrittenEnds(stores.clock, this.settler);
    this.early = new EarlyAcknowledgement(this.settler, {
      onRefused: (run, outcome, error) => {
        this.forget(run);
        if (outcome?.kind === 'lost') reporter.lost(run);
        else reporter.unsettled(run, error);
        // It has not begun, so it may go back, should its message be there still.
        if (error !== undefined) this.unwritten.giveUp(run.delivery);
        run.onSettled?.();
      },
      onCalledOff: (run) => this.sendAgain(run),
    });
    this.conclusion = conclusionPartsOf(worker);
    const common = {
      stores,
      follow: this.conclusion.follow,
      decoding: decodingOf(worker),
      createMissingQueues,
      newId,
    };
    this.workflows = new WorkflowSettler({
      ...common,
      settler: this.settler,
      onProblem: (error, run) => reporter.problem(error, run),
    });
    this.sweeper = new WorkflowSweeper({
      ...common,
      looseEnds: this.workflows.looseEnds,
      hostname: settings.hostname,
      onProblem: (error) => reporter.problem(error),
    });
  }

  /** Acknowledges a message before its run; gives the function that calls the run off. */
  acknowledge(run: Run, wake: () => void): () => void {
    return this.early.begin(run, wake);
  }

  /** Stores a state that comes before the end: STARTED, or one of the task's own. */
  async writeState(run: Run, state: string, meta: unknown): Promise<void> {
    const result = stateRecord(run, state, meta, this.conclusion);
    if (result !== undefined && !run.abandoned) await this.states.write(result);
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

  /** It is no longer ours. */
  forget(run: Run): void {
    this.parts.flow.ended(run, undefined);
  }

  /** Deliveries are no longer ours: what waits to be written of them is in vain. */
  lose(lost: ReadonlySet<Delivery>): void {
    if (this.unwritten.empty) return;
    for (const run of this.unwritten.lose(lost)) {
      this.forget(run);
      this.reporter.lost(run);
    }
  }

  /** Settles a run as its outcome says. */
  conclude(run: Run, outcome: Outcome): void {
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
    // At first it may have been another of its batch. Tried alone, nobody could send what is to follow.
    const never = VALUE_UNSERIALIZABLE.is(error) && this.unwritten.keeps(run);
    if (never && told !== undefined && told.kind !== 'failed' && !run.abandoned) {
      this.unwritten.over(run);
      this.conclude(run, { kind: 'failed', error });
      return;
    }
    const kept = this.unwritten.keep(run, error, () => this.settle(run, settlement, told));
    if (kept !== 'kept on') this.reporter.unsettled(run, error);
    if (kept === 'given up') {
      this.forget(run);
      if (run.acknowledgement === undefined && !run.abandoned) this.unwritten.giveUp(run.delivery);
    }
    // Who waits for it to end alone waits for its work, and not for a store.
    run.onSettled?.();
  }

  /** Resolves when all that was concluded has been written. */
  async drained(): Promise<void> {
    await this.states.drained();
    await this.workflows.drained();
  }

  /** As `drained`; where that takes too long the rest is left behind. */
  async written(deadline: Deadline): Promise<void> {
    await deadline.within(this.drained());
  }

  /** Tries once more what could not be written: the worker stops. */
  close(): void {
    this.unwritten.close();
  }

  /** What could not be written goes back with the consumer. */
  stop(): void {
    this.unwritten.stop();
  }

  /** Of a message that is gone already: it goes back to its queue as a new one. */
  private sendAgain(run: Run): void {
    const publishes = [again(run, undefined)];
    const { delivery } = run;
    this.settle(run, { delivery, verb: { kind: 'ack' }, results: [], publishes, joins: [] }, undefined);
  }
}

/** A message that is gone can not go back: it is sent as a new one. */
function detachedOf(run: Run, settlement: WorkflowSettlement): WorkflowSettlement {
  const { kind } = settlement.verb;
  if (kind !== 'requeue' && kind !== 'release') return settlement;
  return { ...settlement, publishes: [...settlement.publishes, again(run, undefined)] };
}
