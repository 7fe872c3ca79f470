import { OPTION_INVALID } from '../errors/config-errors.js';
import type { Driver, DriverContext } from '../ports/driver.js';
import { MemoryBroker } from './memory-broker.js';
import { MemoryInspector } from './memory-inspector.js';
import { MemoryLedger } from './memory-ledger.js';
import { MemoryResultStore } from './memory-result-store.js';
import { StoreHandle } from './store-handle.js';

/** Every port, as this driver has them all. */
export type MemoryDriver = Required<Driver>;

/**
 * The driver of `memory:` URLs: every port, in the memory of this process. `memory://` is a store of its own;
 * `memory://name` is shared by all drivers of that name in the process, and freed when the last of their ports is closed.
 *
 * @throws LOVAGE_OPTION_INVALID when the URL has more than a name
 */
export function createMemoryDriver(url: URL, context: DriverContext): MemoryDriver {
  const handle = new StoreHandle(nameOf(url), context);
  return {
    broker: new MemoryBroker(handle),
    results: new MemoryResultStore(handle),
    ledger: new MemoryLedger(handle),
    inspector: new MemoryInspector(handle),
  };
}

function nameOf(url: URL): string {
  const path = url.pathname === '/' ? '' : url.pathname;
  if (
    url.protocol === 'memory:' &&
    url.username === '' &&
    url.password === '' &&
    url.port === '' &&
    path === '' &&
    url.search === ''
  ) {
    return url.hostname;
  }
  throw OPTION_INVALID.create({
    problems: [
      {
        option: 'url',
        expected: '"memory://" or "memory://name", and nothing more',
        got: `${url.protocol}//…`,
      },
    ],
  });
}
