import type { Driver, DriverContext } from '@lovage/core';
import { RabbitBroker } from './broker/rabbit-broker.js';
import { readUrl } from './connection/read-url.js';
import { RabbitInspector } from './inspector/rabbit-inspector.js';
import { RabbitLedger } from './ledger/rabbit-ledger.js';
import { RabbitStore } from './rabbit-store.js';
import { RpcResultStore } from './results/rpc-result-store.js';

/** Every port on one virtual host of RabbitMQ. */
export interface RabbitDriver extends Driver {
  /** Cuts every connection, as a network does; new ones are made. For tests. */
  cut(): void;
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
  const broker = new RabbitBroker(store);
  const results = new RpcResultStore(store);
  const ledger = new RabbitLedger(store);
  const inspector = new RabbitInspector(store, broker);
  return {
    broker,
    results,
    ledger,
    inspector,
    cut: () => {
      broker.cut();
      store.publishing.cut();
    },
    destroy: () => {
      broker.destroy();
      results.destroy();
      ledger.destroy();
      inspector.destroy();
      store.destroy();
    },
  };
}
