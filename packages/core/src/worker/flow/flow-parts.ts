import { CAPABILITY_MISSING } from '../../errors/config-errors.js';
import type { Ledger } from '../../ports/ledger.js';
import type { Stores } from '../../stores/stores.js';

/** What flow control takes from its worker. */
export interface FlowParts {
  readonly stores: Stores;
  /** @throws LOVAGE_CAPABILITY_MISSING */
  readonly ledger: () => Ledger;
  /** Names this worker as the owner of slots; new at each start. */
  readonly owner: string;
  /** How long leases last from one renewal to the next. */
  readonly leaseMs: number;
  readonly onProblem: (error: unknown) => void;
  /** Work in the background, which a stop waits for. */
  readonly track: (work: Promise<void>) => void;
}

/** @throws LOVAGE_CAPABILITY_MISSING when the stores have no ledger */
export function ledgerOf(stores: Stores): Ledger {
  if (stores.ledger !== undefined) return stores.ledger;
  throw CAPABILITY_MISSING.create({
    driver: stores.broker.address,
    capability: 'unique, debounced and shared limits',
    instead: 'Use a broker with a ledger, or limits of each worker.',
  });
}

/**
 * Asks the ledger; its failure is told to the operator.
 *
 * @param failOpen what the task says: go on without, instead of asking again later
 * @returns `undefined`: go on without
 */
export async function callLedger<T>(
  { onProblem }: FlowParts,
  failOpen: boolean,
  call: () => Promise<T>,
): Promise<T | 'troubled' | undefined> {
  try {
    return await call();
  } catch (error) {
    onProblem(error);
    return failOpen ? undefined : 'troubled';
  }
}
