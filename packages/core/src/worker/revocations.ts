import { peekIdentity } from '../message/peek-identity.js';
import type { Delivery } from '../ports/consumer.js';
import type { Revocation } from '../ports/ledger.js';
import type { Stores } from '../stores/stores.js';

/** Ids kept in memory, as in Celery; older ones are still in the ledger. */
const keptIds = 50_000;

/** What this worker knows of revoked tasks: told by the ledger as it happens, and asked for what came before. */
export class Revocations {
  private readonly ids = new Set<string>();
  private unwatch: (() => void) | undefined;

  /** @param onRevoked told each revocation as it happens */
  constructor(
    private readonly stores: Stores,
    private readonly onRevoked: (revocation: Revocation) => void,
  ) {}

  start(): void {
    this.unwatch = this.stores.ledger?.watch({
      listener: (change) => {
        if (change.kind !== 'revoked') return;
        this.remember(change.revocation.taskId);
        this.onRevoked(change.revocation);
      },
    });
  }

  stop(): void {
    this.unwatch?.();
  }

  has(taskId: string): boolean {
    return this.ids.has(taskId);
  }

  /** Learns whether any of these ids is revoked; for stamps, about which no broker tells. */
  async find(taskIds: readonly string[]): Promise<void> {
    const revoked = await this.stores.ledger?.revoked({ taskIds, deadline: this.stores.deadline() });
    for (const taskId of revoked ?? []) this.remember(taskId);
  }

  /** Whether the ledger must be asked about these deliveries, since their broker could not. */
  mustAsk(deliveries: readonly Delivery[]): boolean {
    return this.stores.ledger !== undefined && deliveries.some((delivery) => delivery.revoked === undefined);
  }

  /** Learns which of the deliveries' tasks are revoked; one call for all. */
  async ask(deliveries: readonly Delivery[]): Promise<void> {
    const taskIds = deliveries
      .map((delivery) => peekIdentity(delivery.message).taskId)
      .filter((id): id is string => id !== undefined);
    await this.find(taskIds);
  }

  private remember(taskId: string): void {
    this.ids.add(taskId);
    if (this.ids.size <= keptIds) return;
    const [oldest] = this.ids;
    if (oldest !== undefined) this.ids.delete(oldest);
  }
}
