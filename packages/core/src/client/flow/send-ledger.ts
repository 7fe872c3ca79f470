import { CAPABILITY_MISSING } from '../../errors/config-errors.js';
import type { Lease, LeaseOutcome, Ledger } from '../../ports/ledger.js';
import type { Stores } from '../../stores/stores.js';

/** The ledger as senders use it: opened at the first use, each call with a deadline of its own. */
export class SendLedger {
  /** @param revoke revokes a task that is replaced */
  constructor(
    private readonly stores: Stores,
    readonly revoke: (taskId: string) => Promise<void>,
  ) {}

  /**
   * @param failOpen go on when the ledger can not be asked
   * @returns `undefined`: it could not be asked
   * @throws LOVAGE_CAPABILITY_MISSING when there is no ledger, and what the ledger throws
   */
  async acquire(
    params: { readonly name: string; readonly owner: string; readonly ttlMs: number },
    failOpen: boolean,
  ): Promise<LeaseOutcome | undefined> {
    const { stores } = this;
    const ledger = this.ledger();
    try {
      if (!stores.opened) await stores.open();
      return await ledger.acquire({ ...params, deadline: stores.deadline() });
    } catch (error) {
      if (failOpen) return undefined;
      throw error;
    }
  }

  /** Extends a lease; one that could not be ends by itself. */
  async renew(lease: Lease): Promise<void> {
    await this.ledger()
      .renew({ lease, deadline: this.stores.deadline() })
      .catch(() => undefined);
  }

  /** Gives a lease back; one that could not be ends by itself. */
  async release(lease: Lease): Promise<void> {
    await this.ledger()
      .release({ lease, deadline: this.stores.deadline() })
      .catch(() => undefined);
  }

  async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.stores.clock.after(ms, resolve);
    });
  }

  private ledger(): Ledger {
    const { ledger, broker } = this.stores;
    if (ledger !== undefined) return ledger;
    throw CAPABILITY_MISSING.create({
      driver: broker.address,
      capability: 'unique and debounced tasks, idempotency keys',
      instead: 'Use a broker with a ledger.',
    });
  }
}
