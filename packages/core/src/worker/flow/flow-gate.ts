import type { Deadline } from '../../clock/deadline.js';
import { flowPlanOf } from '../../task/flow/flow-plans.js';
import type { Rate } from '../../task/flow/flow-options.js';
import type { FlowPlan } from '../../task/flow/flow-plan.js';
import { hasFlow, readFlow } from '../../task/flow/read-flow.js';
import type { KnownTask } from '../../task/task-definition.js';
import type { TaskRegistry } from '../../task/task-registry.js';
import type { TaskMessage } from '../../message/task-message.js';
import type { Stores } from '../../stores/stores.js';
import type { Hold } from '../hold.js';
import type { Outcome } from '../outcome.js';
import type { Run } from '../run.js';
import { FlowLimits } from './flow-limits.js';
import { FlowLine } from './flow-line.js';
import { ledgerOf } from './flow-parts.js';
import type { FlowEntry } from './flow-entry.js';
import { WaitingRoom } from './waiting-room.js';

export interface FlowGateParts {
  readonly stores: Stores;
  readonly registry: TaskRegistry;
  readonly prefetch: number;
  readonly newId: () => string;
  /** How long leases of running tasks last: milliseconds. Default 30,000. */
  readonly leaseMs: number | undefined;
  /** Whether nobody who has been let through still waits for a slot of the pool. */
  readonly mayBegin: () => boolean;
  readonly onProblem: (error: unknown) => void;
}

/** Longest stay in the waiting room; a longer one is spent in the broker. */
const longestStayMs = 1000;

const usualLeaseMs = 30_000;

/** Lines that are remembered although nobody stands in them; more are swept out. */
const mostIdleLines = 1000;

/** Background work that a stop still waits for; what is beyond ends by its time to live. */
const mostTracked = 10_000;

/**
 * Lets runs begin as their tasks' flow control says: rate limits, caps, unique and debounced tasks. Runs of tasks without any never
 * come here.
 */
export class FlowGate {
  private readonly limits: FlowLimits;
  private readonly room: WaitingRoom;
  private readonly lines = new Map<string, FlowLine>();
  /** Lines by what they wait for. */
  private readonly waiting = new Map<string, Set<FlowLine>>();
  private readonly blocked = new Set<FlowLine>();
  /** Of tasks whose limits were changed while the worker runs. */
  private readonly changed = new Map<string, FlowPlan | undefined>();
  private sweepAt = mostIdleLines;
  private readonly background = new Set<Promise<void>>();

  constructor(private readonly parts: FlowGateParts) {
    const { stores, prefetch, newId, onProblem } = parts;
    this.room = new WaitingRoom(stores.clock, Math.max(1, Math.floor(prefetch / 2)), longestStayMs);
    this.limits = new FlowLimits(
      {
        stores,
        onProblem,
        owner: newId(),
        leaseMs: parts.leaseMs ?? usualLeaseMs,
        ledger: () => ledgerOf(stores),
        track: (work) => this.track(work),
      },
      (name) => {
        for (const line of this.waiting.get(name) ?? []) line.poke();
      },
    );
  }

  /**
   * Looks through the tasks before the worker takes any.
   *
   * @throws LOVAGE_OPTION_INVALID, LOVAGE_CAPABILITY_MISSING
   */
  check(): void {
    const { registry, stores } = this.parts;
    for (const name of registry.names())
      if (flowPlanOf(registry.get(name))?.needsLedger === true) ledgerOf(stores);
  }

  /**
   * Changes the rate limit of a task in this worker.
   *
   * @throws LOVAGE_TASK_UNKNOWN, LOVAGE_OPTION_INVALID
   */
  setRateLimit(taskName: string, limit: Rate): void {
    const { options } = this.parts.registry.get(taskName);
    const { rateLimit } = options;
    const changed = typeof rateLimit === 'object' ? { ...rateLimit, limit } : limit;
    this.changed.set(taskName, readFlow(taskName, { ...options, rateLimit: changed }));
  }

  /** Whether a task has flow control. */
  controls(task: KnownTask): boolean {
    return hasFlow(task.options) || (this.changed.size > 0 && this.changed.has(task.name));
  }

  /** Whether a run may begin; one that was held comes here again. */
  admit(run: Run): Outcome | Hold | undefined {
    const { definition, message, pass } = run;
    if (pass !== undefined) return 'refusal' in pass ? pass.refusal : undefined;
    if (definition === undefined || message === undefined) return undefined;
    const plan = this.planOf(definition);
    if (plan === undefined) return undefined;
    try {
      const names = limitNames(plan, message);
      return { kind: 'held', wait: (wake) => this.join(names, { run, message, plan }, wake) };
    } catch (error) {
      return { kind: 'failed', error };
    }
  }

  /** Those who were let through have begun, as far as slots were free. */
  begun(): void {
    if (this.blocked.size === 0 || !this.parts.mayBegin()) return;
    const lines = [...this.blocked];
    this.blocked.clear();
    for (const line of lines) line.poke();
  }

  /** The end of a run is written, or it is no longer ours. */
  ended(run: Run, outcome: Outcome | undefined): void {
    const { permit, plan } = run;
    if (plan?.controlled === false) return;
    if (permit !== undefined) permit.release(outcome);
    else if (outcome !== undefined && outcome.kind !== 'postponed') this.endedUnbegun(run);
  }

  /** Gives back what is still taken. */
  async stop(deadline: Deadline): Promise<void> {
    this.limits.stop();
    while (this.background.size > 0 && !deadline.passed) await deadline.within(Promise.all(this.background));
  }

  /** Revoked, expired, parked: its key is free for the next one. */
  private endedUnbegun({ definition, message, taskName }: Run): void {
    const task = definition ?? this.parts.registry.find(taskName);
    const place = task && flowPlanOf(task)?.place;
    if (place === undefined || message === undefined) return;
    try {
      this.limits.leavePlace(place, place.nameOf(message), message.id);
    } catch {
      // Without a key it has no place.
    }
  }

  private planOf(task: KnownTask): FlowPlan | undefined {
    return this.changed.has(task.name) ? this.changed.get(task.name) : flowPlanOf(task);
  }

  private join(
    names: readonly string[],
    of: Pick<FlowEntry, 'run' | 'message' | 'plan'>,
    wake: () => void,
  ): () => void {
    const enteredAt = this.parts.stores.clock.monoNow();
    const entry: FlowEntry = { ...of, wake, enteredAt, isLast: false, place: undefined, left: false };
    const line = this.line(names);
    line.join(entry);
    return () => line.leave(entry);
  }

  /** Runs that wait for exactly the same stand in one line. */
  private line(names: readonly string[]): FlowLine {
    const key = names.join('\n');
    const present = this.lines.get(key);
    if (present !== undefined) return present;
    if (this.lines.size >= this.sweepAt) this.sweep();
    const line = new FlowLine(names, {
      room: this.room,
      ask: async (entry) => await this.limits.ask(entry),
      mayBegin: this.parts.mayBegin,
      onBlocked: (blocked) => this.blocked.add(blocked),
      onDismissed: (entry, forMs) => this.limits.keepPlace(entry, forMs),
    });
    this.lines.set(key, line);
    for (const name of names) {
      const lines = this.waiting.get(name);
      if (lines === undefined) this.waiting.set(name, new Set([line]));
      else lines.add(line);
    }
    return line;
  }

  private sweep(): void {
    for (const [key, line] of this.lines) {
      if (!line.idle) continue;
      this.lines.delete(key);
      for (const name of line.names) {
        const lines = this.waiting.get(name);
        lines?.delete(line);
        if (lines?.size === 0) this.waiting.delete(name);
      }
    }
    this.sweepAt = Math.max(mostIdleLines, this.lines.size * 2);
  }

  private track(work: Promise<void>): void {
    if (this.background.size >= mostTracked) return;
    this.background.add(work);
    void work.finally(() => this.background.delete(work));
  }
}

/** Names of all that a run needs. */
function limitNames({ rate, slots, place, debounce }: FlowPlan, message: TaskMessage): readonly string[] {
  const names = slots.map(({ nameOf }) => nameOf(message));
  if (rate !== undefined) names.push(rate.nameOf(message));
  if (place !== undefined) names.push(place.nameOf(message));
  if (debounce !== undefined) names.push(debounce.nameOf(message));
  return names;
}
