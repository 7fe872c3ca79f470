import type { Clock, Timer } from '../clock/clock.js';
import { Deadline } from '../clock/deadline.js';
import { Service } from '../lifecycle/service.js';
import type { Rate } from '../task/flow/flow-options.js';
import type { Consumer, Delivery } from '../ports/consumer.js';
import { consumeQueues } from './consume-queues.js';
import { FlowGate } from './flow/flow-gate.js';
import { HeldRuns } from './held-runs.js';
import { warningOfLongTasks } from './long-tasks.js';
import { OrderedDeliveries } from './ordered-deliveries.js';
import { createPool } from './pools/create-pool.js';
import type { Pool } from './pools/pool.js';
import { Revocations } from './revocations.js';
import { Run } from './run.js';
import { Quarantine } from './quarantine.js';
import { RunEnds } from './run-ends.js';
import { RunReporter } from './run-reporter.js';
import { Runner } from './runner.js';
import { Suspects } from './suspects.js';
import { TaskPlans } from './task-plans.js';
import type { TimeLimits } from './time-limits.js';
import { WaitingDeliveries } from './waiting-deliveries.js';
import type { WorkerParts } from './worker-parts.js';

/** What is written after the drain deadline (settlements, hand-backs) may take this long. */
const closingMs = 2000;

/**
 * Consumes queues and executes tasks. A delivery waits here until a slot is free, passes the admission steps, runs in the
 * pool, and is settled together with its result.
 */
export class Worker extends Service {
  readonly hostname: string;
  private readonly clock: Clock;
  private readonly pool: Pool;
  private readonly revocations: Revocations;
  private readonly reporter: RunReporter;
  private readonly flow: FlowGate;
  private readonly plans: TaskPlans;
  private readonly ends: RunEnds;
  private readonly runner: Runner;
  private readonly waiting: Pick<WaitingDeliveries, keyof WaitingDeliveries>;
  private readonly held = new HeldRuns(() => this.fill());
  private readonly suspects: Suspects;
  /** Absent with children, of which each has its own tasks to lose. */
  private readonly quarantine: Quarantine | undefined;
  /** Deliveries of which is being asked whether they are revoked. */
  private readonly asking = new Set<Promise<void>>();
  private consumer: Consumer | undefined;
  /** A worker waits for work: its process must not end because nothing else is going on. */
  private presence: Timer | undefined;
  /** Where it is not the one of the settings any more. */
  private prefetch: number | undefined;
  private filling = false;
  private draining = false;
  /** Its pool has no child and can make none: what is here is better with others. */
  private resting = false;
  private readonly hurried: Promise<void>;
  private hurryUp: () => void = () => undefined;

  constructor(private readonly parts: WorkerParts) {
    super('the worker');
    const { stores, settings } = parts;
    this.clock = stores.clock;
    this.hurried = new Promise((resolve) => {
      this.hurryUp = resolve;
    });
    this.hostname = settings.hostname;
    this.waiting =
      settings.queueOrder === 'priority' ? new OrderedDeliveries(settings.queues) : new WaitingDeliveries();
    this.reporter = new RunReporter(parts.events, this.clock, settings.hostname, stores.broker.address);
    this.pool = createPool({
      stores,
      settings: settings.pool,
      programs: parts.childPrograms,
      hostname: settings.hostname,
      limits: parts.limits,
      taskNames: () => parts.registry.names(),
      onFree: () => this.wake(),
      onStuck: () => this.rest(),
      onProblem: (error) => this.reporter.problem(error),
    });
    this.revocations = new Revocations(stores, (revocation) => {
      if (revocation.terminate) this.runner.terminate(revocation.taskId);
    });
    this.flow = new FlowGate({
      stores,
      registry: parts.registry,
      prefetch: settings.prefetch,
      newId: parts.newId,
      leaseMs: parts.limitLeaseMs,
      mayBegin: () => !this.held.ready,
      onProblem: (error) => this.reporter.problem(error),
    });
    this.ends = new RunEnds({ worker: parts, reporter: this.reporter, flow: this.flow });
    this.plans = new TaskPlans({
      registry: parts.registry,
      limits: settings,
      controls: (task) => this.flow.controls(task),
      onHookFailed: (error) => this.reporter.problem(error),
    });
    this.suspects = new Suspects({
      stores,
      maxDeliveries: settings.maxDeliveries,
      onProblem: (error, run) => this.reporter.problem(error, run),
    });
    this.runner = new Runner({
      worker: parts,
      plans: this.plans,
      pool: this.pool,
      revocations: this.revocations,
      reporter: this.reporter,
      flow: this.flow,
      ends: this.ends,
      suspects: this.suspects,
      onSlotFree: () => {
        if (this.waiting.length > 0 || this.held.ready || this.quarantine?.ready === true) this.fill();
      },
    });
    if (settings.pool.kind === 'async' || settings.pool.kind === 'solo') {
      this.quarantine = new Quarantine({
        clock: this.clock,
        suspects: this.suspects,
        consumer: () => this.consumer,
        prefetch: () => this.prefetch ?? settings.prefetch,
        handBack: (run) => this.ends.handBack(run),
        quiet: async () => await this.quiet(),
        onOver: () => {
          if (!this.draining) this.consumer?.resume();
        },
        onReady: () => this.fill(),
      });
    }
  }

  /** Tasks in flight. */
  get activeCount(): number {
    return this.pool.active.length;
  }

  /** Whether a task runs here now. */
  runs(taskId: string): boolean {
    return this.pool.active.some((run) => run.taskId === taskId);
  }

  /** Ends the runs of a task, or those that carry a stamp (see `stampId`), as far as the pool can; gives their ids. */
  terminate(taskId: string): readonly string[] {
    return this.runner.terminate(taskId);
  }

  /** Limits for the runs of a task that begin from now on and whose message says nothing. */
  setTimeLimits(taskName: string, limits: TimeLimits): void {
    this.plans.setTimeLimits(taskName, limits);
  }

  /** Threads or processes of its pool, by their names: `thread 3`, `process 4711`. */
  get poolChildren(): readonly string[] {
    return this.pool.childNames;
  }

  /** Deliveries that wait for a slot, or for something else that holds them back. */
  get waitingCount(): number {
    return this.waiting.length + this.held.length;
  }

  /**
   * Adds slots to the pool, or children, or takes some away (Celery: `pool_grow`, `pool_shrink`); at least one stays. The prefetch
   * follows.
   *
   * @returns most tasks in flight, now
   */
  resizePool(by: number): number {
    const before = this.pool.size;
    this.pool.resize(by);
    const { size } = this.pool;
    const { prefetch } = this.parts.settings;
    this.prefetch = Math.max(1, Math.round(((this.prefetch ?? prefetch) * size) / before));
    this.consumer?.setPrefetch(this.prefetch);
    if (!this.draining) this.fill();
    return size;
  }

  /** Ends the patience of a stop with running tasks, before it or while it goes on: they are cut, as at its deadline. */
  hurry(): void {
    this.hurryUp();
  }

  /**
   * Changes the rate limit of a task in this worker, until it ends (Celery: `rate_limit`). Keys and bursts stay; 0 is no limit.
   *
   * @throws LOVAGE_TASK_UNKNOWN, LOVAGE_OPTION_INVALID
   */
  setRateLimit(taskName: string, limit: Rate): void {
    this.flow.setRateLimit(taskName, limit);
    this.plans.renew(taskName);
  }

  protected async onStart(): Promise<void> {
    const { stores, settings } = this.parts;
    this.flow.check();
    await stores.open();
    this.warnOfLongTasks();
    for (const queue of settings.queues) await stores.declareQueue(queue);
    if (this.stopRequested.aborted) return;
    this.presence = this.clock.keepAlive();
    await this.pool.start(this.stopRequested);
    if (this.stopRequested.aborted) return;
    this.revocations.start();
    this.ends.sweeper.start();
    this.consumer = await consumeQueues({
      broker: stores.broker,
      clock: this.clock,
      settings,
      newId: this.parts.newId,
      suspectFrom: this.suspects.from,
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
    const { consumer, hostname } = this;
    if (consumer !== undefined) {
      this.draining = true;
      await deadline.within(consumer.pause());
      const returned = this.handBackWaiting();
      const { finished, abandoned } = await this.runner.drain(deadline, this.hurried);
      await this.pool.stop(Deadline.in(this.clock, closingMs));
      const closing = Deadline.in(this.clock, closingMs);
      await this.ends.written(closing);
      await this.flow.stop(closing);
      await consumer.close({ deadline: closing });
      this.parts.events.tell({
        type: 'worker-drained',
        hostname,
        report: { finished, returned, abandoned },
      });
      this.parts.events.tell({ type: 'worker-offline', hostname });
    }
    // A start that failed may have left children.
    await this.pool.stop(Deadline.in(this.clock, closingMs));
    this.quarantine?.stop();
    this.revocations.stop();
    this.ends.sweeper.stop();
    this.ends.stop();
    this.presence?.cancel();
  }

  protected deadlineAfterFailedStart(): Deadline {
    return Deadline.in(this.clock, closingMs);
  }

  private warnOfLongTasks(): void {
    const { stores, registry, settings, events } = this.parts;
    const error = warningOfLongTasks({ broker: stores.broker, registry, limits: settings });
    if (error !== undefined) events.tell({ type: 'store-warning', error });
  }

  private receive(deliveries: readonly Delivery[]): void {
    if (!this.revocations.mustAsk(deliveries)) {
      this.enqueue(deliveries);
      return;
    }
    // When the ledger can not be asked the tasks run: a revocation may be late, a task must not be stuck.
    const asked: Promise<void> = this.revocations
      .ask(deliveries)
      .catch((error: unknown) => this.reporter.problem(error))
      .then(() => {
        this.asking.delete(asked);
        this.enqueue(deliveries);
      });
    this.asking.add(asked);
  }

  private async quiet(): Promise<void> {
    try {
      await this.consumer?.pause();
    } catch (error) {
      this.reporter.problem(error);
    }
    await Promise.all(this.asking);
    await this.runner.quiet();
  }

  private enqueue(deliveries: readonly Delivery[]): void {
    const ends = this.draining || this.resting;
    this.waiting.add(
      !ends && this.quarantine?.concerns(deliveries) === true
        ? this.quarantine.admit(deliveries, () => this.takeWaiting())
        : deliveries,
    );
    if (ends) this.handBackWaiting();
    else this.fill();
  }

  /** Begins what may begin. A task that ends in the same turn comes back here while the loop still runs. */
  private fill(): void {
    if (this.filling || this.draining) return;
    this.filling = true;
    try {
      for (let next = this.next(); next !== undefined; next = this.next()) {
        const hold = this.runner.begin(next);
        if (hold === undefined) continue;
        this.held.hold(next, hold);
        if (hold.brief !== true) this.quarantine?.pass(next);
      }
    } finally {
      this.filling = false;
    }
    this.flow.begun();
    if (this.waiting.length > 0 && !this.pool.free) this.pool.wanted(this.waiting.length);
  }

  private rest(): void {
    if (this.resting || this.draining) return;
    this.resting = true;
    this.consumer?.pause().then(
      () => {
        if (this.resting) this.handBackWaiting();
      },
      (error: unknown) => this.reporter.problem(error),
    );
  }

  private wake(): void {
    if (this.resting && !this.draining && this.pool.free) {
      this.resting = false;
      this.consumer?.resume();
    }
    this.fill();
  }

  private next(): Run | undefined {
    if (!this.pool.free) return undefined;
    if (this.held.slots > 0 && this.pool.room <= this.held.slots) return this.held.takePromised();
    const suspect = this.quarantine?.take();
    if (suspect !== undefined) return suspect;
    if (this.held.ready) return this.held.take();
    const delivery = this.waiting.take();
    return delivery && new Run(delivery);
  }

  private handBackWaiting(): number {
    const suspect = this.quarantine?.waiting;
    const runs = [...this.takeWaiting(), ...(suspect === undefined ? [] : [suspect])];
    for (const run of runs) this.ends.handBack(run);
    return runs.length;
  }

  /** All that has not begun. */
  private takeWaiting(): readonly Run[] {
    return [...this.waiting.takeAll().map((delivery) => new Run(delivery)), ...this.held.takeAll()];
  }

  private lose(deliveries: readonly Delivery[]): void {
    const lost = new Set(deliveries);
    this.waiting.drop(lost);
    this.quarantine?.lose(lost);
    for (const run of this.held.drop(lost)) this.ends.forget(run);
    this.runner.lose(lost);
    // Slots may have been kept for some of them.
    if (this.waiting.length > 0 || this.held.ready) this.fill();
  }
}
