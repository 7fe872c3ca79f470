import { type Clock, Deadline, type MonoMs, type Timer } from '@lovage/core';
import type { RedisLink } from '../connection/redis-link.js';
import type { LuaArgument, LuaScript } from '../scripts/lua-script.js';
import { renewScript } from '../scripts/leases.js';

export interface LeaseRenewerOptions {
  readonly link: RedisLink;
  readonly clock: Clock;
  readonly run: (
    link: RedisLink,
    script: LuaScript,
    deadline: Deadline,
    args: readonly LuaArgument[],
  ) => Promise<unknown>;
  readonly leaseMs: number;
  /** Kombu's visibility timeout: our entries in Celery's index are made young four times within it. */
  readonly visibilityTimeoutMs: number;
  /** Told once of each owner whose lease is no longer its own. */
  readonly onLost: (owner: string) => void;
}

/** After this share of a lease without an answer its owner lets go, before others may take what it has. */
const keptShare = 0.9;

/**
 * Keeps leases. Runs beside the event loop that executes tasks, so that a busy loop does not lose them.
 *
 * Every third of the lease all owners are renewed in one call, and new ones at once: this thread may have begun long after the
 * lease. What the server finds lost is lost. A call that fails is soon followed by the next. What could not be renewed, since no
 * answer came, counts as lost shortly before the lease has run out, measured from the moment at which the last good call began.
 */
export class LeaseRenewer {
  private readonly owners = new Map<string, MonoMs>();
  private timer: Timer | undefined;
  private running = false;
  /** Somebody is new since the last call began. */
  private fresh = false;
  private closed = false;
  private youngAt: MonoMs;

  constructor(private readonly options: LeaseRenewerOptions) {
    this.youngAt = options.clock.monoNow();
  }

  /** @param since when the call began that made the lease */
  add(owner: string, since: MonoMs): void {
    this.owners.set(owner, since);
    this.fresh = true;
    this.timer?.cancel();
    this.timer = undefined;
    this.schedule(0);
  }

  remove(owner: string): void {
    this.owners.delete(owner);
  }

  close(): void {
    this.closed = true;
    this.timer?.cancel();
    this.owners.clear();
    this.options.link.close();
  }

  private schedule(pauseMs: number): void {
    if (this.closed || this.running || this.timer !== undefined || this.owners.size === 0) return;
    this.timer = this.options.clock.after(pauseMs, () => {
      this.timer = undefined;
      this.running = true;
      void this.renew().then((answered) => {
        this.running = false;
        const { leaseMs, visibilityTimeoutMs } = this.options;
        const usualMs = Math.min(leaseMs / 3, visibilityTimeoutMs / 4);
        this.schedule(this.fresh ? 0 : answered ? usualMs : leaseMs / 30);
      });
    });
  }

  /** @returns whether there was an answer */
  private async renew(): Promise<boolean> {
    const { clock, link, leaseMs, visibilityTimeoutMs } = this.options;
    const owners = [...this.owners.keys()];
    this.fresh = false;
    if (owners.length === 0) return true;
    const begun = clock.monoNow();
    const leftMs = Math.min(...this.owners.values()) + leaseMs * keptShare - begun;
    let answered = false;
    const young = begun - this.youngAt >= visibilityTimeoutMs / 4;
    try {
      const args = [leaseMs, young ? 1 : 0, owners.length, ...owners];
      const deadline = Deadline.in(clock, Math.max(1, Math.min(leaseMs / 3, leftMs)));
      const answer = (await this.options.run(link, renewScript, deadline, args)) as readonly number[];
      answered = true;
      if (young) this.youngAt = begun;
      for (const [index, owner] of owners.entries()) {
        if (!this.owners.has(owner)) continue;
        if (answer[index] === 1) this.owners.set(owner, begun);
        else this.lose(owner);
      }
    } catch {
      // Tried again soon; what runs out meanwhile is found below.
    }
    const now = clock.monoNow();
    for (const [owner, since] of this.owners) if (now - since >= leaseMs * keptShare) this.lose(owner);
    return answered;
  }

  private lose(owner: string): void {
    this.owners.delete(owner);
    if (!this.closed) this.options.onLost(owner);
  }
}
