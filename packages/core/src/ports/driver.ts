import type { Clock } from '../clock/clock.js';
import type { Broker } from './broker.js';
import type { Inspector } from './inspector.js';
import type { Ledger } from './ledger.js';
import type { ResultStore } from './result-store.js';

/** What a driver is given beside its URL. */
export interface DriverContext {
  readonly clock: Clock;
  /** A new random id (UUID). */
  readonly newId: () => string;
  /**
   * Told what operators should know and nobody waits for: what is unsafe about a store but no reason to refuse it
   * (LOVAGE_STORE_WARNING), or work in the background that has failed. Must not throw.
   */
  readonly onWarning?: (warning: Error) => void;
}

/**
 * The ports that one URL gives. A driver package exports `createDriver`; core loads it by the scheme of the URL. A
 * technology that has no such port leaves it out.
 */
export interface Driver {
  readonly broker?: Broker;
  readonly results?: ResultStore;
  readonly ledger?: Ledger;
  readonly inspector?: Inspector;
}

/** @param url with credentials; never to be logged */
export type CreateDriver = (url: URL, context: DriverContext) => Driver;
