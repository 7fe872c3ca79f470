import type { Timer } from '../../clock/clock.js';
import type { Lease } from '../../ports/ledger.js';
import type { Stores } from '../../stores/stores.js';

/** Renews what running tasks have taken, all in one turn, three times in the time of the shortest lease. */
export class RenewedLeases {
  private readonly leases = new Map<Lease, () => void>();
  private timer: Timer | undefined;

  /**
   * @param ttlMs leases last so long at least, from the last renewal: a dead worker blocks others no longer
   * @param onError told when the ledger could not be asked; the next round tries again
   */
  constructor(
    private readonly stores: Stores,
    readonly ttlMs: number,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** @param onLost told, once, when somebody else may have it */
  add(lease: Lease, onLost: () => void): void {
    this.leases.set(lease, onLost);
    this.schedule();
  }

  /** Renews it no more. */
  remove(lease: Lease): void {
    this.leases.delete(lease);
    if (this.leases.size === 0) this.stop();
  }

  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }

  private schedule(): void {
    this.timer ??= this.stores.clock.after(this.ttlMs / 3, () => {
      this.timer = undefined;
      for (const lease of this.leases.keys()) this.renew(lease);
      if (this.leases.size > 0) this.schedule();
    });
  }

  private renew(lease: Lease): void {
    this.stores.ledger?.renew({ lease, deadline: this.stores.deadline() }).then((outcome) => {
      const onLost = this.leases.get(lease);
      if (outcome === 'renewed' || onLost === undefined) return;
      this.remove(lease);
      onLost();
    }, this.onError);
  }
}
