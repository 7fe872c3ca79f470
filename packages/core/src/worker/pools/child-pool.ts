import type { Clock, Timer } from '../../clock/clock.js';
import { Deadline } from '../../clock/deadline.js';
import { POOL_CHILD_LOST, POOL_CHILD_UNFIT, WORKER_LOST } from '../../errors/pool-errors.js';
import type { MessageLimits } from '../../message/message-limits.js';
import type { Outcome } from '../outcome.js';
import type { Run, RunAction } from '../run.js';
import { unreadable } from '../unreadable.js';
import { ActiveRuns } from './active-runs.js';
import { BootBackoff } from './boot-backoff.js';
import type { ChildEntry } from './child-entry.js';
import { type HopDelivery, toHopDelivery } from './hop/hop-delivery.js';
import type { ChildLauncher } from './launch/child-link.js';
import type { OnEnd, Pool } from './pool.js';
import { type ChildEnd, type ChildRun, PoolChild, type PoolChildParts } from './pool-child.js';
import type { PoolSettings } from './pool-settings.js';

export interface ChildPoolParts {
  readonly clock: Clock;
  readonly settings: PoolSettings;
  readonly entry: ChildEntry;
  readonly launcher: ChildLauncher;
  readonly hostname: string;
  readonly limits: MessageLimits;
  /** Names of the tasks that children must know. */
  readonly taskNames: () => readonly string[];
  readonly openCalls: PoolChildParts['openCalls'];
  /** Told when runs may begin that could not before: also of a run that leaves its child, before `onEnd` is told of it. */
  readonly onFree: () => void;
  /** Told that no run can begin for a while: there is no child, and the last attempts to make one have failed. */
  readonly onStuck: () => void;
  /** Told what an operator should know. */
  readonly onProblem: (error: unknown) => void;
}

/** A child that is not needed stays for so long. */
const idleMs = 30_000;
/** An idle child that does not answer for so long is replaced. */
const answerTimeoutMs = 30_000;
/** Time for killed children to go: the operating system needs some. */
const killingMs = 2000;
/** Most children, however they are asked for. */
const mostChildren = 1000;

/**
 * Runs tasks in children, each with the same application. The parent consumes, keeps leases, settles and talks to the broker;
 * children only execute.
 *
 * A child that ends is replaced, after a pause that grows while none of them ends a task. What it had in hand ends as `lost`,
 * or as `released` where another run of it was the reason.
 */
export class ChildPool implements Pool {
  private readonly runs = new ActiveRuns();
  readonly active: readonly Run[] = this.runs.all;
  private readonly children = new Set<PoolChild>();
  /** Runs that must not share a child, since their message has been lost with one before; each waits for an idle one. */
  private readonly waitingAlone: { readonly run: Run; readonly onEnd: OnEnd }[] = [];
  private readonly backoff: BootBackoff;
  private target: number;
  private respawn: Timer | undefined;
  private shrinking: Timer | undefined;
  private starting: { readonly resolve: () => void; readonly reject: (error: unknown) => void } | undefined;
  private stopping: Promise<void> | undefined;
  private onceEmpty: (() => void) | undefined;

  constructor(private readonly parts: ChildPoolParts) {
    const { concurrency, autoscaleFrom } = parts.settings;
    this.target = autoscaleFrom ?? concurrency;
    this.backoff = new BootBackoff();
  }

  get size(): number {
    const { concurrency, concurrencyPerChild, autoscaleFrom } = this.parts.settings;
    return (
      (autoscaleFrom === undefined ? this.target : Math.max(concurrency, this.target)) * concurrencyPerChild
    );
  }

  get free(): boolean {
    for (const child of this.children) if (this.roomOf(child) > 0) return true;
    return false;
  }

  get room(): number {
    let room = 0;
    for (const child of this.children) room += Math.max(0, this.roomOf(child));
    return room;
  }

  get childNames(): readonly string[] {
    return [...this.children].map(({ name }) => name);
  }

  async start(stopRequested: AbortSignal): Promise<void> {
    if (stopRequested.aborted || this.stopping !== undefined) return;
    await new Promise<void>((resolve, reject) => {
      this.starting = { resolve, reject };
      stopRequested.addEventListener('abort', () => resolve(), { once: true });
      this.maintain();
    });
    this.starting = undefined;
  }

  begin(run: Run, _action: RunAction, onEnd: OnEnd): void {
    this.runs.add(run);
    if (run.deliveries > 1 && this.parts.settings.concurrencyPerChild > 1) {
      run.limits?.cancel();
      this.waitingAlone.push({ run, onEnd });
      this.placeAlone();
      return;
    }
    let chosen: PoolChild | undefined;
    let room = 0;
    for (const child of this.children) {
      const own = this.roomOf(child);
      if (own > room) {
        room = own;
        chosen = child;
      }
    }
    if (chosen === undefined) throw new Error('a run was begun although no child is free');
    this.give(chosen, run, onEnd);
  }

  kill(run: Run, outcome: Outcome): boolean {
    for (const child of this.children) {
      for (const entry of child.runs.values()) {
        if (entry.run !== run) continue;
        entry.ending = outcome;
        child.kill();
        this.maintain();
        return true;
      }
    }
    const waiting = this.waitingAlone.findIndex((one) => one.run === run);
    if (waiting === -1) return false;
    const [taken] = this.waitingAlone.splice(waiting, 1);
    if (taken !== undefined) this.conclude(taken.run, outcome, taken.onEnd);
    return true;
  }

  /** Every run that is in a child can be killed. */
  letGo(): void {}

  wanted(waiting: number): void {
    const { autoscaleFrom, concurrency, concurrencyPerChild } = this.parts.settings;
    if (autoscaleFrom === undefined || this.booting > 0 || this.target >= concurrency) return;
    const needed = this.target + Math.ceil(waiting / concurrencyPerChild);
    this.target = Math.min(concurrency, needed);
    this.maintain();
  }

  resize(by: number): number {
    const before = this.size;
    this.target = Math.min(mostChildren, Math.max(1, this.target + by));
    this.maintain();
    return this.size - before;
  }

  async drained(): Promise<void> {
    await this.runs.drained();
  }

  async stop(deadline: Deadline): Promise<void> {
    this.stopping ??= this.stopOnce(deadline);
    await this.stopping;
  }

  private get booting(): number {
    let count = 0;
    for (const child of this.children) if (child.booting) count += 1;
    return count;
  }

  private async stopOnce(deadline: Deadline): Promise<void> {
    this.respawn?.cancel();
    this.shrinking?.cancel();
    for (const { run, onEnd } of this.waitingAlone.splice(0)) this.conclude(run, { kind: 'released' }, onEnd);
    for (const child of this.children) {
      if (child.runs.size === 0) child.end();
      else {
        for (const entry of child.runs.values()) entry.ending ??= { kind: 'released' };
        child.kill();
      }
    }
    if (this.children.size === 0) return;
    const empty = new Promise<void>((resolve) => {
      this.onceEmpty = resolve;
    });
    if (await deadline.within(empty)) return;
    for (const child of this.children) child.kill();
    await Deadline.in(this.parts.clock, killingMs).within(empty);
  }

  /** How many more runs a child may take. */
  private roomOf(child: PoolChild): number {
    if (!child.ready || child.leaving || child.alone) return 0;
    const { concurrencyPerChild, maxTasksPerChild = Number.MAX_SAFE_INTEGER } = this.parts.settings;
    return Math.min(concurrencyPerChild - child.runs.size, maxTasksPerChild - child.taken);
  }

  private give(child: PoolChild, run: Run, onEnd: OnEnd): void {
    const { message } = run.delivery;
    let delivery: HopDelivery;
    try {
      delivery = toHopDelivery(run.delivery, this.parts.limits);
    } catch (error) {
      this.conclude(run, unreadable(message, error, 'it can not be handed to a child'), onEnd);
      return;
    }
    child.begin(run, delivery, (ended, outcome) => this.conclude(ended, outcome, onEnd));
    if (this.isWornOut(child)) child.leaving = true;
  }

  private conclude(run: Run, outcome: Outcome, onEnd: OnEnd): void {
    this.runs.remove(run);
    onEnd(run, outcome);
    this.runs.settle();
  }

  private isWornOut({ taken, memoryBytes }: PoolChild): boolean {
    const { maxTasksPerChild, maxBytesPerChild } = this.parts.settings;
    return (
      (maxTasksPerChild !== undefined && taken >= maxTasksPerChild) ||
      (maxBytesPerChild !== undefined && memoryBytes > maxBytesPerChild)
    );
  }

  private readonly onReady = (child: PoolChild, tasks: readonly string[]): void => {
    const missing = this.parts.taskNames().filter((name) => !tasks.includes(name));
    if (missing.length > 0) {
      child.refuse(new Error(`it does not know the tasks ${missing.slice(0, 10).join(', ')}`));
      return;
    }
    this.backoff.booted();
    this.placeAlone();
    if (this.booting === 0) this.starting?.resolve();
    this.maintain();
    this.parts.onFree();
  };

  private readonly onChange = (child: PoolChild): void => {
    this.backoff.worked();
    if (this.isWornOut(child)) child.leaving = true;
    if (child.runs.size === 0) {
      child.alone = false;
      this.placeAlone();
    }
    if (this.roomOf(child) > 0) this.parts.onFree();
    if (child.runs.size > 0) return;
    if (child.leaving) {
      child.end();
      this.maintain();
    } else this.considerShrinking();
  };

  private readonly onGone = (child: PoolChild, end: ChildEnd): void => {
    this.children.delete(child);
    const deliberate = end.runs.some(({ ending }) => ending !== undefined);
    for (const entry of end.runs) entry.onEnd(entry.run, this.endOf(entry, child, end, deliberate));
    if (this.stopping === undefined) {
      if (end.unfit !== undefined) this.unfit(end.unfit);
      else if (!child.asked) this.lost(child, end);
      this.placeAlone();
      this.maintain();
      this.parts.onFree();
      if (this.backoff.hopeless && ![...this.children].some(({ ready }) => ready)) this.parts.onStuck();
    }
    if (this.children.size === 0) this.onceEmpty?.();
  };

  private endOf(
    { run, ending }: ChildRun,
    child: PoolChild,
    { how }: ChildEnd,
    deliberate: boolean,
  ): Outcome {
    if (ending !== undefined) return ending;
    // One whose message is gone already may not run again, whoever was the reason.
    if (deliberate && run.acknowledgement === undefined) return { kind: 'released' };
    const { taskId, taskName } = run;
    return { kind: 'lost', error: WORKER_LOST.create({ taskId, taskName, child: child.name, how }) };
  }

  /** Told once, until a child could be made again. */
  private unfit(problem: unknown): void {
    const { entry, settings } = this.parts;
    const text = problem instanceof Error ? problem.message : String(problem);
    const error = POOL_CHILD_UNFIT.create(
      {
        pool: settings.kind,
        entry: entry.shown ?? `${entry.module} (${entry.export ?? 'default'})`,
        problem: text,
      },
      problem,
    );
    const isFirst = this.backoff.failed();
    if (this.starting !== undefined) this.starting.reject(error);
    else if (isFirst) this.parts.onProblem(error);
  }

  private lost(child: PoolChild, { how, runs }: ChildEnd): void {
    if (child.ended === 0) this.backoff.died();
    // Each run that it had tells of it, too.
    if (runs.length === 0) this.parts.onProblem(POOL_CHILD_LOST.create({ child: child.name, how }));
  }

  /** Makes as many children as there should be, and lets go of what is too many. */
  private maintain(): void {
    if (this.stopping !== undefined) return;
    const staying = [...this.children].filter((child) => !child.leaving && !child.ending);
    for (const child of staying.toReversed().slice(0, Math.max(0, staying.length - this.target))) {
      child.leaving = true;
      if (child.runs.size === 0) child.end();
    }
    if (staying.length >= this.target || this.respawn !== undefined) return;
    const pauseMs = this.backoff.pauseMs;
    if (pauseMs === 0) {
      for (let count = staying.length; count < this.target; count += 1) this.launch();
      return;
    }
    this.respawn = this.parts.clock.after(pauseMs, () => {
      this.respawn = undefined;
      // One at a time while none has proved itself.
      this.launch();
    });
  }

  private launch(): void {
    const { clock, launcher, entry, hostname, settings, openCalls } = this.parts;
    this.children.add(
      new PoolChild(
        {
          clock,
          launcher,
          entry,
          hostname,
          bootTimeoutMs: settings.bootTimeoutMs,
          answerTimeoutMs,
          openCalls,
          watchMemory: settings.maxBytesPerChild !== undefined,
        },
        {
          onReady: this.onReady,
          onChange: this.onChange,
          onProblem: (error) => this.parts.onProblem(error),
          onGone: this.onGone,
        },
      ),
    );
  }

  /** Gives runs that must be alone to idle children; where there is none, the one with the least to do is kept for the next. */
  private placeAlone(): void {
    while (this.waitingAlone.length > 0) {
      const candidates = [...this.children].filter((child) => child.ready && !child.leaving);
      const idle = candidates.find((child) => child.runs.size === 0);
      if (idle === undefined) {
        if (candidates.some((child) => child.alone)) return;
        const [first] = candidates.toSorted((a, b) => a.runs.size - b.runs.size);
        if (first !== undefined) first.alone = true;
        return;
      }
      const next = this.waitingAlone.shift();
      if (next === undefined) return;
      const { run, onEnd } = next;
      if (run.abandoned) {
        // Its message was lost while it waited: another worker has it.
        this.conclude(run, { kind: 'released' }, onEnd);
        continue;
      }
      idle.alone = true;
      run.startedAt = this.parts.clock.monoNow();
      run.limits?.restart();
      this.give(idle, run, onEnd);
      idle.alone = idle.runs.size > 0;
    }
  }

  /** Lets a child go that has had nothing to do for long; of a pool that grows by itself. */
  private considerShrinking(): void {
    const { autoscaleFrom } = this.parts.settings;
    if (autoscaleFrom === undefined || this.target <= autoscaleFrom || this.shrinking !== undefined) return;
    this.shrinking = this.parts.clock.after(idleMs, () => {
      this.shrinking = undefined;
      if (this.stopping !== undefined) return;
      const now = this.parts.clock.monoNow();
      const idle = [...this.children].filter(
        (child) => child.ready && !child.leaving && child.runs.size === 0 && now - child.idleSince >= idleMs,
      );
      const surplus = Math.min(idle.length, this.target - autoscaleFrom);
      this.target -= surplus;
      for (const child of idle.toReversed().slice(0, surplus)) {
        child.leaving = true;
        child.end();
      }
      this.considerShrinking();
    });
  }
}
