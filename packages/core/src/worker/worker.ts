import type { Clock, Timer } from '../clock/clock.js';
import { Deadline } from '../clock/deadline.js';
import { UNROUTABLE } from '../errors/client-errors.js';
import { DELIVERY_LOST, SETTLE_FAILED, TASK_TERMINATED, WORKER_STOPPING } from '../errors/worker-errors.js';
import type { EventHub } from '../events/event-hub.js';
import type { DrainReport } from '../events/task-event.js';
import { Service } from '../lifecycle/service.js';
import type { CompressionName, SerializerName } from '../message/codec-names.js';
import type { MessageLimits } from '../message/message-limits.js';
import { TaskState } from '../message/task-state.js';
import type { Consumer, Delivery } from '../ports/consumer.js';
import type { Revocation } from '../ports/ledger.js';
import type { PublishOutcome } from '../ports/publication.js';
import type { Settlement, SettleOutcome } from '../ports/settlement.js';
import type { Stores } from '../stores/stores.js';
import type { TaskRegistry } from '../task/task-registry.js';
import { type ConclusionParts, settlementOf, stateRecord } from './conclude.js';
import { execute } from './execute.js';
import type { Outcome } from './outcome.js';
import { AsyncPool } from './pools/async-pool.js';
import { Revocations } from './revocations.js';
import { Run } from './run.js';
import { RunContext, type RunContextParts } from './run-context.js';
import { RunReporter } from './run-reporter.js';
import { Settler } from './settler.js';
import { StateWriter } from './state-writer.js';
import { admit } from './steps/admission.js';
import type { AdmissionParts } from './steps/admission-step.js';
import { WaitingDeliveries } from './waiting-deliveries.js';
import type { WorkerSettings } from './worker-settings.js';

export interface WorkerParts {
  readonly stores: Stores;
  readonly registry: TaskRegistry;
  readonly events: EventHub;
  readonly settings: WorkerSettings;
  readonly newId: () => string;
  readonly serializer: SerializerName;
  readonly compression: CompressionName | undefined;
  readonly limits: MessageLimits;
  readonly acceptContent: ReadonlySet<string>;
  /** `undefined`: for ever. */
  readonly resultTtlMs: number | undefined;
}

/** What is written after the drain deadline (settlements, hand-backs) may take this long. */
const closingMs = 2000;

/**
 * Consumes queues and executes tasks. A delivery waits here until a slot is free, passes the admission steps, runs in the
 * pool, and is settled together with its result.
 */
export class Worker extends Service {
  readonly hostname: string;
  private readonly clock: Clock;
  private readonly pool: AsyncPool;
  private readonly settler: Settler;
  private readonly states: StateWriter;
  private readonly revocations: Revocations;
  private readonly admission: AdmissionParts;
  private readonly conclusion: ConclusionParts;
  private readonly contextParts: RunContextParts;
  private readonly reporter: RunReporter;
  private readonly waiting = new WaitingDeliveries();
  private consumer: Consumer | undefined;
  /** A worker waits for work: its process must not end because nothing else is going on. */
  private presence: Timer | undefined;
  private filling = false;
  private draining = false;
  private finishedWhileDraining = 0;

  constructor(private readonly parts: WorkerParts) {
    super('the worker');
    const { stores, registry, settings, limits } = parts;
    this.clock = stores.clock;
    this.hostname = settings.hostname;
    this.pool = new AsyncPool(settings.concurrency);
    this.settler = new Settler(stores);
    this.states = new StateWriter(stores);
    this.revocations = new Revocations(stores, (revocation) => this.onRevoked(revocation));
    this.reporter = new RunReporter(parts.events, this.clock, settings.hostname);
    this.admission = {
      clock: this.clock,
      registry,
      decoding: { acceptContent: parts.acceptContent, limits },
      revocations: this.revocations,
      maxDeliveries: settings.maxDeliveries,
    };
    this.conclusion = {
      clock: this.clock,
      serializer: parts.serializer,
      compression: parts.compression,
      limits,
      resultTtlMs: parts.resultTtlMs,
      keepResults: stores.results !== undefined,
    };
    this.contextParts = {
      clock: this.clock,
      hostname: settings.hostname,
      writeState: async (run, state, meta) => await this.writeState(run, state, meta),
    };
  }

  /** Tasks in flight. */
  get activeCount(): number {
    return this.pool.active.length;
  }

  /** Deliveries that wait for a slot. */
  get waitingCount(): number {
    return this.waiting.length;
  }

  protected async onStart(): Promise<void> {
    const { stores, settings } = this.parts;
    await stores.open();
    for (const queue of settings.queues) await stores.declareQueue(queue);
    if (this.stopRequested.aborted) return;
    this.presence = this.clock.keepAlive();
    this.revocations.start();
    this.consumer = await stores.broker.consume({
      consumerId: this.parts.newId(),
      queues: settings.queues,
      prefetch: settings.prefetch,
      onDeliveries: (deliveries) => this.receive(deliveries),
      onLost: (deliveries) => this.lose(deliveries),
      deadline: stores.deadline(),
    });
    this.parts.events.tell({
      type: 'worker-online',
      hostname: this.hostname,
      queues: settings.queues,
      concurrency: settings.concurrency,
    });
  }

  /** Stop taking, hand back what has not begun, let run what runs until the deadline, cut the rest, settle, close. */
  protected async onStop(deadline: Deadline): Promise<void> {
    const { consumer } = this;
    if (consumer !== undefined) {
      this.draining = true;
      await deadline.within(consumer.pause());
      const returned = this.handBackWaiting();
      await deadline.within(this.pool.drained());
      const abandoned = this.cut();
      const closing = Deadline.in(this.clock, closingMs);
      await closing.within(this.states.drained());
      await closing.within(this.settler.drained());
      await consumer.close({ deadline: closing });
      const report: DrainReport = { finished: this.finishedWhileDraining, returned, abandoned };
      this.parts.events.tell({ type: 'worker-drained', hostname: this.hostname, report });
      this.parts.events.tell({ type: 'worker-offline', hostname: this.hostname });
    }
    this.revocations.stop();
    this.presence?.cancel();
  }

  protected deadlineAfterFailedStart(): Deadline {
    return Deadline.in(this.clock, closingMs);
  }

  private receive(deliveries: readonly Delivery[]): void {
    if (!this.revocations.mustAsk(deliveries)) {
      this.enqueue(deliveries);
      return;
    }
    // When the ledger can not be asked the tasks run: a revocation may be late, a task must not be stuck.
    this.revocations.ask(deliveries).then(
      () => this.enqueue(deliveries),
      (error: unknown) => {
        this.reporter.problem(error);
        this.enqueue(deliveries);
      },
    );
  }

  private enqueue(deliveries: readonly Delivery[]): void {
    this.waiting.add(deliveries);
    if (this.draining) this.handBackWaiting();
    else this.fill();
  }

  /** Begins what may begin. A task that ends in the same turn comes back here while the loop still runs. */
  private fill(): void {
    if (this.filling) return;
    this.filling = true;
    try {
      for (let next = this.pool.free ? this.waiting.take() : undefined; next !== undefined; ) {
        this.begin(next);
        next = this.pool.free ? this.waiting.take() : undefined;
      }
    } finally {
      this.filling = false;
    }
  }

  private begin(delivery: Delivery): void {
    const run = new Run(delivery);
    const refused = admit(run, this.admission);
    const { message, definition } = run;
    if (refused !== undefined || message === undefined || definition === undefined) {
      if (refused !== undefined) this.conclude(run, refused);
      return;
    }
    run.startedAt = this.clock.monoNow();
    const context = new RunContext(run, message, definition.options, this.contextParts);
    run.context = context;
    this.reporter.began(run);
    if (definition.options.trackStarted === true) {
      this.writeState(run, TaskState.STARTED, { hostname: this.hostname }).catch((error: unknown) =>
        this.reporter.problem(error, run),
      );
    }
    this.pool.begin(run, () => execute(definition, message, context), this.onEnd);
  }

  private readonly onEnd = (run: Run, outcome: Outcome): void => {
    if (run.abandoned) return;
    if (this.draining) this.finishedWhileDraining += 1;
    this.conclude(
      run,
      run.terminated && outcome.kind === 'failed' ? { kind: 'revoked', reason: 'terminated' } : outcome,
    );
    if (this.waiting.length > 0 && !this.draining) this.fill();
  };

  private conclude(run: Run, outcome: Outcome): void {
    let settlement: Settlement;
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

  private settle(run: Run, settlement: Settlement, told: Outcome | undefined): void {
    this.settler.push(settlement, (outcome: SettleOutcome | undefined, error: unknown) => {
      if (error !== undefined) {
        const details = {
          taskId: run.taskId,
          taskName: run.taskName,
          broker: this.parts.stores.broker.address,
          attempts: Settler.attempts,
        };
        this.reporter.problem(SETTLE_FAILED.create(details, error), run);
      } else if (outcome?.kind === 'lost') {
        this.reporter.problem(DELIVERY_LOST.create({ taskId: run.taskId, taskName: run.taskName }), run);
      } else {
        this.reportUnroutable(run, settlement, outcome?.published);
        if (told !== undefined) this.reporter.ended(run, told);
      }
    });
  }

  /** A message that follows found no queue: the task itself has ended, so an operator must hear of it. */
  private reportUnroutable(
    run: Run,
    { publishes }: Settlement,
    outcomes: readonly PublishOutcome[] = [],
  ): void {
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.kind === 'accepted') continue;
      const { exchange = '', routingKey = '' } = publishes[index] ?? {};
      this.reporter.problem(
        UNROUTABLE.create({ taskId: run.taskId, taskName: run.taskName, exchange, routingKey }),
        run,
      );
    }
  }

  private async writeState(run: Run, state: string, meta: unknown): Promise<void> {
    const result = stateRecord(run, state, meta, this.conclusion);
    if (result !== undefined && !run.abandoned) await this.states.write(result);
  }

  private handBack(run: Run): void {
    this.settle(
      run,
      { delivery: run.delivery, verb: { kind: 'release' }, results: [], publishes: [], joins: [] },
      undefined,
    );
  }

  private handBackWaiting(): number {
    const waiting = this.waiting.takeAll();
    for (const delivery of waiting) this.handBack(new Run(delivery));
    return waiting.length;
  }

  /** Gives the messages of tasks that did not end in time back, so that others run them. */
  private cut(): DrainReport['abandoned'] {
    return [...this.pool.active].map((run) => {
      const { taskId, taskName } = run;
      run.abandoned = true;
      run.context?.abort(WORKER_STOPPING.create({ taskId, taskName }));
      // We give the message back although the task may still be running. Running twice can be handled by an idempotent
      // task; a lost task can't be handled by anyone.
      this.handBack(run);
      return { taskId, taskName };
    });
  }

  private lose(deliveries: readonly Delivery[]): void {
    const lost = new Set(deliveries);
    this.waiting.drop(lost);
    for (const run of this.pool.active) {
      if (!lost.has(run.delivery)) continue;
      const error = DELIVERY_LOST.create({ taskId: run.taskId, taskName: run.taskName });
      run.abandoned = true;
      run.context?.abort(error);
      this.reporter.problem(error, run);
    }
  }

  private onRevoked({ taskId, terminate }: Revocation): void {
    if (!terminate) return;
    for (const run of this.pool.active) {
      if (run.taskId !== taskId) continue;
      run.terminated = true;
      run.context?.abort(TASK_TERMINATED.create({ taskId, taskName: run.taskName }));
    }
  }
}
