import type { Clock } from '../clock/clock.js';
import type { Lease, LeaseOutcome } from '../ports/ledger.js';
import { ExpiryIndex } from './expiry-index.js';

/** One owner's claim, from acquiring to losing it. */
interface HeldLease {
  readonly name: string;
  readonly owner: string;
  readonly fence: number;
  expiresAt: number;
}

/** Claims on names, each for a time. */
export class LeaseTable {
  private readonly held = new Map<string, HeldLease>();
  private readonly expiry: ExpiryIndex<HeldLease>;
  /** One counter for all names: it rises with each new owner of any, and nothing must be kept of a name that is free. */
  private lastFence = 0;

  constructor(private readonly clock: Clock) {
    this.expiry = new ExpiryIndex(clock, (held, now) => this.expire(held, now));
  }

  acquire(params: { readonly name: string; readonly owner: string; readonly ttlMs: number }): LeaseOutcome {
    const { name, owner, ttlMs } = params;
    const present = this.current(name);
    const now = this.clock.monoNow();
    if (present !== undefined && present.owner !== owner)
      return {
        kind: 'held',
        owner: present.owner,
        fence: present.fence,
        leftMs: Math.ceil(present.expiresAt - now),
      };
    const expiresAt = now + ttlMs;
    if (present !== undefined) {
      present.expiresAt = expiresAt;
      return { kind: 'acquired', lease: { name, owner, fence: present.fence, ttlMs } };
    }
    this.lastFence += 1;
    const held = { name, owner, fence: this.lastFence, expiresAt };
    this.held.set(name, held);
    this.expiry.file(held, expiresAt);
    return { kind: 'acquired', lease: { name, owner, fence: held.fence, ttlMs } };
  }

  renew(lease: Lease): 'renewed' | 'lost' {
    const held = this.heldAs(lease);
    if (held === undefined) return 'lost';
    held.expiresAt = this.clock.monoNow() + lease.ttlMs;
    return 'renewed';
  }

  release(lease: Lease): void {
    if (this.isHeld(lease)) this.held.delete(lease.name);
  }

  /** Whether the lease is its owner's still. */
  isHeld(lease: Lease): boolean {
    return this.heldAs(lease) !== undefined;
  }

  close(): void {
    this.expiry.close();
    this.held.clear();
  }

  private current(name: string): HeldLease | undefined {
    const present = this.held.get(name);
    return present !== undefined && present.expiresAt > this.clock.monoNow() ? present : undefined;
  }

  private heldAs({ name, owner, fence }: Lease): HeldLease | undefined {
    const present = this.current(name);
    return present?.owner === owner && present.fence === fence ? present : undefined;
  }

  private expire(held: HeldLease, nowMs: number): number | undefined {
    if (held.expiresAt > nowMs) return this.held.get(held.name) === held ? held.expiresAt : undefined;
    if (this.held.get(held.name) === held) this.held.delete(held.name);
    return undefined;
  }
}
