import type { MonoMs } from '../../clock/clock.js';
import type { Lease } from '../../ports/ledger.js';
import type { Stores } from '../../stores/stores.js';
import type { FlowParts } from './flow-parts.js';
import type { RenewedLeases } from './renewed-leases.js';

/** A slot goes from task to task of one worker no longer than this; then other workers get their chance. */
const longestKeptMs = 2000;
const shortestPollMs = 50;
const longestPollMs = 500;
/** Names that are remembered although nothing of them is taken. */
const mostIdlePools = 1000;

/** One of the slots of a name, taken by this worker. */
export interface Slot {
  readonly pool: SlotPool;
  readonly index: number;
  lease: Lease | undefined;
  busy: boolean;
  readonly takenAt: MonoMs;
  /** When the present task took it. */
  since: MonoMs;
}

interface SlotPool {
  readonly name: string;
  readonly slots: Map<number, Slot>;
  /** Next wait when no slot is free. */
  pollMs: number;
  /** This worker leaves free slots to others until then. */
  coolUntil: number;
  /** How long tasks have kept a slot, smoothed. */
  averageMs: number | undefined;
}

export type SlotAnswer =
  | { readonly kind: 'taken'; readonly slot: Slot }
  | { readonly kind: 'wait'; readonly waitMs: number };

/**
 * Counts how many tasks of a name run at once over all workers: slot `n` of a name is a lease, and who has it may run one task. The
 * owner of a lease is the worker, which hands a slot from task to task while its own wait for it.
 */
export class SharedSlots {
  private readonly pools = new Map<string, SlotPool>();
  private readonly stores: Stores;

  /** @param onFree told when a slot of a name can be taken without asking the ledger */
  constructor(
    private readonly parts: FlowParts,
    private readonly leases: RenewedLeases,
    private readonly onFree: (name: string) => void,
  ) {
    this.stores = parts.stores;
  }

  /** How long a task keeps a slot of this name, as far as is known: milliseconds. */
  averageMs(name: string): number | undefined {
    return this.pools.get(name)?.averageMs;
  }

  /** @throws what the ledger does when it can not be asked */
  async take(name: string, limit: number): Promise<SlotAnswer> {
    const pool = this.pool(name);
    const now = this.stores.clock.monoNow();
    for (const slot of pool.slots.values()) {
      if (slot.lease === undefined || slot.busy) continue;
      slot.busy = true;
      slot.since = now;
      return { kind: 'taken', slot };
    }
    if (pool.coolUntil > now) return { kind: 'wait', waitMs: pool.coolUntil - now };
    const slot = await this.ask(pool, limit);
    if (slot !== undefined) {
      pool.pollMs = shortestPollMs;
      return { kind: 'taken', slot };
    }
    const waitMs = pool.pollMs;
    pool.pollMs = Math.min(longestPollMs, pool.pollMs * 2);
    this.forgetIdle(pool);
    return { kind: 'wait', waitMs };
  }

  /** The task has ended, or did not begin. */
  release(slot: Slot, began: boolean): void {
    const { pool } = slot;
    const { clock } = this.stores;
    const now = clock.monoNow();
    if (began) {
      const keptMs = now - slot.since;
      pool.averageMs = pool.averageMs === undefined ? keptMs : pool.averageMs * 0.8 + keptMs * 0.2;
    }
    slot.busy = false;
    if (now - slot.takenAt >= longestKeptMs) {
      pool.coolUntil = now + shortestPollMs * 2;
      this.giveBack(slot);
      return;
    }
    // One that was only tried is offered to nobody: who tries it next would find the same.
    if (began) this.onFree(pool.name);
    // Whoever waits here has taken it by then.
    clock.endOfTurn(() => {
      if (!slot.busy) this.giveBack(slot);
    });
  }

  /** Slots that the ledger still counts as ours are given back; those in use expire by themselves. */
  stop(): void {
    for (const { slots } of this.pools.values()) for (const slot of slots.values()) this.giveBack(slot);
  }

  private async ask(pool: SlotPool, limit: number): Promise<Slot | undefined> {
    const { clock } = this.stores;
    for (let index = 0; index < limit; index += 1) {
      if (pool.slots.has(index)) continue;
      const now = clock.monoNow();
      const slot: Slot = { pool, index, lease: undefined, busy: true, takenAt: now, since: now };
      // Nobody else here asks for the same one meanwhile: the owner is the same, so both would get it.
      pool.slots.set(index, slot);
      const lease = await this.acquire(pool, index).catch((error: unknown) => {
        pool.slots.delete(index);
        throw error;
      });
      if (lease === undefined) {
        pool.slots.delete(index);
        continue;
      }
      slot.lease = lease;
      this.leases.add(lease, () => {
        // The task goes on; what it was alone with may no longer be so.
        if (pool.slots.get(index) === slot) pool.slots.delete(index);
      });
      return slot;
    }
    return undefined;
  }

  private async acquire({ name }: SlotPool, index: number): Promise<Lease | undefined> {
    const outcome = await this.parts.ledger().acquire({
      name: `${name}:${index}`,
      owner: this.parts.owner,
      ttlMs: this.leases.ttlMs,
      deadline: this.stores.deadline(),
    });
    return outcome.kind === 'acquired' ? outcome.lease : undefined;
  }

  /** Twice is legal. */
  private giveBack(slot: Slot): void {
    const { pool, index, lease } = slot;
    if (lease === undefined || pool.slots.get(index) !== slot) return;
    // It stays in its place until the ledger has answered, so that it is not taken again before.
    slot.lease = undefined;
    this.leases.remove(lease);
    const gone = (): void => {
      if (pool.slots.get(index) === slot) pool.slots.delete(index);
      this.forgetIdle(pool);
    };
    const releasing = this.parts.ledger().release({ lease, deadline: this.stores.deadline() });
    this.parts.track(
      releasing.then(gone, (error: unknown) => {
        gone();
        this.parts.onProblem(error);
      }),
    );
  }

  private pool(name: string): SlotPool {
    let pool = this.pools.get(name);
    if (pool === undefined) {
      pool = { name, slots: new Map(), pollMs: shortestPollMs, coolUntil: 0, averageMs: undefined };
      this.pools.set(name, pool);
    }
    return pool;
  }

  /** As many names as are in use are kept, and some more for what is known of them. */
  private forgetIdle(pool: SlotPool): void {
    if (pool.slots.size === 0 && this.pools.size > mostIdlePools) this.pools.delete(pool.name);
  }
}
