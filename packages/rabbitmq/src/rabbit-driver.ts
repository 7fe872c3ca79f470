import type { Driver, DriverContext } from '@lovage/core';
import { readUrl } from './connection/read-url.js';
import { RabbitLedger } from './ledger/rabbit-ledger.js';
import { RabbitStore } from './rabbit-store.js';

/** Every port on one virtual host of RabbitMQ. */
export interface RabbitDriver extends Driver {
  /** Drops every connection and gives nothing back, as the end of the process does. For tests of what comes after. */
  destroy(): void;
}

/**
 * The driver of `amqp:` and `amqps:` URLs.
 *
 * @throws LOVAGE_OPTION_INVALID with everything that is wrong with the URL
 */
export function createDriver(url: URL, context: DriverContext): RabbitDriver {
  const store = new RabbitStore(readUrl(url), context);
  const ledger = new RabbitLedger(store, async () => {
    throw new Error('no broker yet');
  });
  return {
    ledger,
    destroy: () => {
      ledger.destroy();
      store.destroy();
    },
  };
}
