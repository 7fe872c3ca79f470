import type { Timer } from '../clock/clock.js';
import { Deadline } from '../clock/deadline.js';
import type { Lease, Ledger } from '../ports/ledger.js';
import type { Stores } from '../stores/stores.js';

export interface LeadershipParts {
  readonly stores: Stores;
  readonly ledger: Ledger;
  /** What is claimed. */
  readonly name: string;
  readonly owner: string;
  readonly ttlMs: number;
  /** Kind of the records that say who leads. */
  readonly recordKind: string;
  /** Shown to people. */
  readonly hostname: string;
  /** Called with each new lease; what it starts must end with `onLost`. */
  readonly onGained: (lease: Lease) => void;
  readonly onLost: (reason: string) => void;
  /** Called while it leads, each time the lease was renewed. */
  readonly onRenewed: () => void;
  readonly onProblem: (error: unknown) => void;
}

/** Between two claims at least. */
const shortestMs = 20;
/** A lease has surely ended when the ledger says so, which may be a little later than reckoned. */
const slackMs = 30;

/**
 * Who leads: one of those who claim the same name.
 *
 * FOLLOWING  asks for the lease when the present one may have ended, and at once when the ledger tells that its owner has
 *            handed it over.
 * LEADING    renews it at a third of its time. One that can not be renewed until it ends, or that the ledger calls lost, is
 *            lost, and it follows again.
 * STOPPED    terminal. A leader hands over: it gives the lease back and tells the others.
 */
export class Leadership {
  private lease: Lease | undefined;
  /** Until when the lease surely is ours, by the monotonic clock. */
  private validUntil = 0;
  private timer: Timer | undefined;
  private unwatch: (() => void) | undefined;
  private working: Promise<void> | undefined;
  private again = false;
  private stopping = false;

  constructor(private readonly parts: LeadershipParts) {}

  /** The lease, while it surely is ours. */
  get held(): Lease | undefined {
    return this.parts.stores.clock.monoNow() < this.validUntil ? this.lease : undefined;
  }

  start(): void {
    const { ledger, recordKind, name } = this.parts;
    this.unwatch = ledger.watch({
      listener: (change) => {
        if (change.kind !== 'record' || change.recordKind !== recordKind || change.id !== name) return;
        if (this.lease === undefined) this.work();
      },
    });
    this.work();
  }

  /** The ledger has refused something of this lease. */
  refused(lease: Lease): void {
    if (this.lease !== lease) return;
    this.lose('the ledger refused a tick: another leads');
    this.work();
  }

  /** Ends claiming and leading; `handOver` must follow. */
  async retire(): Promise<void> {
    this.stopping = true;
    this.timer?.cancel();
    this.unwatch?.();
    await this.working;
    this.timer?.cancel();
  }

  /** Gives the lease back and tells the others. Called when nothing of it is used any more. */
  async handOver(deadline: Deadline): Promise<void> {
    const { lease } = this;
    this.lease = undefined;
    this.validUntil = 0;
    if (lease === undefined) return;
    const { ledger } = this.parts;
    await ledger.release({ lease, deadline });
    await this.putRecord(undefined, deadline);
  }

  /** One step at a time; what is asked for meanwhile follows. */
  private work(): void {
    if (this.stopping) return;
    if (this.working !== undefined) {
      this.again = true;
      return;
    }
    this.timer?.cancel();
    const { clock } = this.parts.stores;
    this.working = this.step()
      .catch((error: unknown) => {
        this.parts.onProblem(error);
        return this.parts.ttlMs / 6;
      })
      .then((nextMs) => {
        this.working = undefined;
        if (this.stopping) return;
        const expired = this.lease !== undefined && this.held === undefined;
        if (expired) this.lose('the lease could not be renewed in time');
        const delayMs = this.again || expired ? 0 : nextMs;
        this.again = false;
        this.timer = clock.after(delayMs, () => this.work());
      });
  }

  /** Gives when to come back: milliseconds. */
  private async step(): Promise<number> {
    return this.lease === undefined ? await this.claim() : await this.renew(this.lease);
  }

  private async claim(): Promise<number> {
    const { ledger, stores, name, owner, ttlMs, onGained } = this.parts;
    const since = stores.clock.monoNow();
    const outcome = await ledger.acquire({ name, owner, ttlMs, deadline: stores.deadline() });
    // When it may have ended; whoever stops in order tells.
    if (outcome.kind === 'held') return Math.min(Math.max(outcome.leftMs, shortestMs), ttlMs) + slackMs;
    this.lease = outcome.lease;
    this.validUntil = since + ttlMs;
    if (this.stopping) return 0;
    onGained(outcome.lease);
    await this.putRecord({ hostname: this.parts.hostname, owner }, stores.deadline()).catch(
      (error: unknown) => this.parts.onProblem(error),
    );
    return ttlMs / 3;
  }

  private async renew(lease: Lease): Promise<number> {
    const { ledger, stores, ttlMs, onRenewed } = this.parts;
    const since = stores.clock.monoNow();
    const outcome = await ledger.renew({ lease, deadline: Deadline.in(stores.clock, ttlMs) });
    if (this.lease !== lease) return 0;
    if (outcome === 'lost') {
      this.lose('the lease has ended: another may lead');
      return 0;
    }
    this.validUntil = since + ttlMs;
    onRenewed();
    return ttlMs / 3;
  }

  private lose(reason: string): void {
    this.lease = undefined;
    this.validUntil = 0;
    this.parts.onLost(reason);
  }

  /** Who leads, for people; its change wakes those who follow. */
  private async putRecord(value: object | undefined, deadline: Deadline): Promise<void> {
    const { ledger, recordKind: kind, name: id } = this.parts;
    const present = (await ledger.records({ kind, limit: 1000, deadline })).find(
      (record) => record.id === id,
    );
    // Another may lead already, and have said so.
    if (value === undefined && !present?.value.includes(JSON.stringify(this.parts.owner))) return;
    await ledger.putRecord({
      kind,
      id,
      value: value && JSON.stringify(value),
      expectedVersion: present?.version ?? 0,
      deadline,
    });
  }
}
