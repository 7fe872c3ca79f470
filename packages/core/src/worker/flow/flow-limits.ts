import { TASK_NOT_UNIQUE } from '../../errors/client-errors.js';
import type { Lease, LeaseOutcome } from '../../ports/ledger.js';
import type { PlacePlan, RatePlan, SlotPlan } from '../../task/flow/flow-plan.js';
import { readLastCall, supersedes } from '../../task/flow/last-call.js';
import type { Outcome } from '../outcome.js';
import { callLedger, type FlowParts } from './flow-parts.js';
import type { FlowAnswer, FlowEntry } from './flow-entry.js';
import { LocalBuckets } from './local-buckets.js';
import { Permit } from './permit.js';
import { RenewedLeases } from './renewed-leases.js';
import { SharedSlots, type Slot } from './shared-slots.js';

/** After a ledger that could not be asked. */
const troubledMs = 1000;
/** How long a task is taken to keep its slot as long as none has ended. */
const usualMs = 200;
/** Longest time until a place that another task has is looked at again. */
const longestPlacePollMs = 1000;

type Wait = Extract<FlowAnswer, { kind: 'wait' }>;

const wait = (waitMs: number, stepMs: number): Wait => ({ kind: 'wait', waitMs, stepMs });

/** Marks what is done without, since the ledger could not be asked and the task may run then. */
const without = Symbol('without');

/** Asks all limits of a task in their order; what was taken is given back when one of them says no. */
export class FlowLimits {
  private readonly buckets: LocalBuckets;
  private readonly leases: RenewedLeases;
  private readonly slots: SharedSlots;

  constructor(
    private readonly parts: FlowParts,
    onFree: (name: string) => void,
  ) {
    const { stores, onProblem } = parts;
    this.buckets = new LocalBuckets(stores.clock);
    this.leases = new RenewedLeases(stores, parts.leaseMs, onProblem);
    this.slots = new SharedSlots(parts, this.leases, onFree);
  }

  /** @throws LOVAGE_FLOW_KEY_INVALID */
  async ask(entry: FlowEntry): Promise<FlowAnswer> {
    const { plan, message } = entry;
    const refusal = entry.isLast ? undefined : await this.superseded(entry);
    if (refusal !== undefined) return { kind: 'refused', refusal };
    const placed = plan.place === undefined ? undefined : await this.place(entry, plan.place);
    if (placed !== undefined) return placed;
    const slots: Slot[] = [];
    for (const slotPlan of plan.slots) {
      const name = slotPlan.nameOf(message);
      const answer = await this.slot(entry, slotPlan, name).catch((error: unknown) => {
        this.giveBack(slots);
        throw error;
      });
      if (answer === without) continue;
      if ('kind' in answer) {
        this.giveBack(slots);
        return answer;
      }
      slots.push(answer);
    }
    const waiting = plan.rate === undefined ? undefined : await this.token(entry, plan.rate);
    if (waiting !== undefined) {
      this.giveBack(slots);
      return waiting;
    }
    return { kind: 'granted', permit: this.permit(entry, slots) };
  }

  /** Keeps the place of a run that goes back to its queue for some time. */
  keepPlace({ place }: FlowEntry, forMs: number): void {
    if (place === undefined) return;
    this.inBackground(async () => {
      const { ledger } = this.parts.stores;
      const lease = { ...place, ttlMs: place.ttlMs + forMs };
      await ledger?.renew({ lease, deadline: this.parts.stores.deadline() });
    });
  }

  /** Frees the place of a task that has ended without having begun here. */
  leavePlace(plan: PlacePlan, name: string, taskId: string): void {
    this.inBackground(async () => {
      const outcome = await this.acquire(name, taskId, plan.ttlMs);
      if (outcome.kind === 'acquired') await this.release(outcome.lease);
    });
  }

  stop(): void {
    this.slots.stop();
    this.leases.stop();
  }

  private async superseded(entry: FlowEntry): Promise<Outcome | undefined> {
    const { message, plan, run } = entry;
    entry.isLast = true;
    // A retry, and what came back from a worker that has died, has been the last call already.
    if (plan.debounce === undefined || message.eta === undefined || message.retries > 0) return undefined;
    const name = plan.debounce.nameOf(message);
    // Two runs of an earlier and a later call are better than none.
    const found = await callLedger(
      this.parts,
      true,
      async () => await this.acquire(name, `? ${run.taskId}`, 1),
    );
    if (found === undefined || found === 'troubled' || found.kind === 'acquired') return undefined;
    const last = readLastCall(found.owner);
    const call = { atMs: message.eta.getTime(), taskId: message.id };
    return last !== undefined && supersedes(last, call) ? { kind: 'ignored' } : undefined;
  }

  /** @returns `undefined`: it may go on */
  private async place(entry: FlowEntry, plan: PlacePlan): Promise<FlowAnswer | undefined> {
    if (entry.place !== undefined) return undefined;
    const ttlMs = plan.until === 'begun' ? plan.ttlMs : Math.max(plan.ttlMs, this.leases.ttlMs);
    const name = plan.nameOf(entry.message);
    const found = await callLedger(
      this.parts,
      plan.failOpen,
      async () => await this.acquire(name, entry.message.id, ttlMs),
    );
    if (found === 'troubled') return wait(troubledMs, troubledMs);
    if (found === undefined) return undefined;
    if (found.kind === 'acquired') {
      entry.place = found.lease;
      return undefined;
    }
    // Its own time was over, and another has been sent since. That was accepted, and so was this one.
    if (plan.until === 'begun') return undefined;
    if (plan.onConflict === 'replace' && found.leftMs > plan.unsureMs)
      return { kind: 'refused', refusal: { kind: 'revoked', reason: 'revoked' } };
    const waitMs = Math.min(found.leftMs, longestPlacePollMs);
    return wait(waitMs, waitMs);
  }

  private async slot(
    entry: FlowEntry,
    plan: SlotPlan,
    name: string,
  ): Promise<Slot | FlowAnswer | typeof without> {
    const answer = await callLedger(
      this.parts,
      plan.failOpen,
      async () => await this.slots.take(name, plan.limit),
    );
    if (answer === 'troubled') return wait(troubledMs, troubledMs);
    if (answer === undefined) return without;
    if (answer.kind === 'taken') return answer.slot;
    if (plan.reject) {
      const { id: taskId, task: taskName } = entry.message;
      const error = TASK_NOT_UNIQUE.create({ taskName, taskId, key: name, existing: undefined });
      return { kind: 'refused', refusal: { kind: 'failed', error } };
    }
    return wait(answer.waitMs, (this.slots.averageMs(name) ?? usualMs) / plan.limit);
  }

  private async token(entry: FlowEntry, plan: RatePlan): Promise<Wait | undefined> {
    const { intervalMs, burst } = plan;
    const bucket = plan.nameOf(entry.message);
    if (!plan.shared) {
      const waitMs = this.buckets.take(bucket, intervalMs, burst);
      return waitMs === 0 ? undefined : wait(waitMs, intervalMs);
    }
    const { stores } = this.parts;
    const request = { bucket, tokens: 1, capacity: burst, refillPerSecond: 1000 / intervalMs };
    const answer = await callLedger(
      this.parts,
      plan.failOpen,
      async () => await this.parts.ledger().takeTokens({ request, deadline: stores.deadline() }),
    );
    if (answer === 'troubled') return wait(troubledMs, intervalMs);
    return answer?.kind === 'wait' ? wait(answer.retryInMs, intervalMs) : undefined;
  }

  private permit(entry: FlowEntry, slots: readonly Slot[]): Permit {
    const { place, plan } = entry;
    const kept = place !== undefined && plan.place?.until === 'ended' ? place : undefined;
    if (place !== undefined && kept === undefined) this.inBackground(async () => await this.release(place));
    if (kept !== undefined) this.leases.add(kept, () => undefined);
    return new Permit({
      releaseSlots: () => {
        for (const slot of slots) this.slots.release(slot, true);
      },
      leavePlace: () => {
        if (kept === undefined) return;
        this.leases.remove(kept);
        this.inBackground(async () => await this.release(kept));
      },
      keepPlace: (forMs) => {
        if (kept === undefined) return;
        this.leases.remove(kept);
        this.keepPlace(entry, forMs);
      },
      clock: this.parts.stores.clock,
    });
  }

  private giveBack(slots: readonly Slot[]): void {
    for (const slot of slots) this.slots.release(slot, false);
  }

  private async acquire(name: string, owner: string, ttlMs: number): Promise<LeaseOutcome> {
    const deadline = this.parts.stores.deadline();
    return await this.parts.ledger().acquire({ name, owner, ttlMs, deadline });
  }

  private async release(lease: Lease): Promise<void> {
    await this.parts.ledger().release({ lease, deadline: this.parts.stores.deadline() });
  }

  /** What fails here ends by its time to live. */
  private inBackground(work: () => Promise<void>): void {
    this.parts.track(work().catch(this.parts.onProblem));
  }
}
