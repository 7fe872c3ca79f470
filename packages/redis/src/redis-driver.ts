import type { Driver, DriverContext } from '@lovage/core';
import { RedisBroker } from './broker/redis-broker.js';
import { readUrl } from './connection/read-url.js';
import { RedisInspector } from './inspector/redis-inspector.js';
import { RedisLedger } from './ledger/redis-ledger.js';
import { RedisStore } from './redis-store.js';
import { RedisResultStore } from './results/redis-result-store.js';

/** Every port on one Redis database. */
export interface RedisDriver extends Driver {
  /** Drops every connection and gives nothing back, as the end of the process does. For tests of what comes after. */
  destroy(): void;
}

/**
 * The driver of `redis:`, `rediss:`, `redis+socket:` and `sentinel:` URLs.
 *
 * @throws LOVAGE_OPTION_INVALID with everything that is wrong with the URL
 */
export function createDriver(url: URL, context: DriverContext): RedisDriver {
  const store = new RedisStore(readUrl(url), context);
  const broker = new RedisBroker(store);
  return {
    broker,
    results: new RedisResultStore(store),
    ledger: new RedisLedger(store),
    inspector: new RedisInspector(store),
    destroy: () => {
      broker.destroy();
      store.destroy();
    },
  };
}
