import { DRIVER_MISSING, OPTION_INVALID, SCHEME_UNKNOWN } from '../errors/config-errors.js';
import { createMemoryDriver } from '../memory/memory-driver.js';
import type { CreateDriver, Driver, DriverContext } from '../ports/driver.js';

/** Packages that serve URLs other than the embedded store's, by scheme. Loaded only when a URL names them. */
const packages: ReadonlyMap<string, string> = new Map([
  ['redis', '@lovage/redis'],
  ['rediss', '@lovage/redis'],
  ['redis+socket', '@lovage/redis'],
  ['sentinel', '@lovage/redis'],
  ['amqp', '@lovage/rabbitmq'],
  ['amqps', '@lovage/rabbitmq'],
]);

/**
 * Makes the driver that the scheme of a URL asks for.
 *
 * @throws LOVAGE_OPTION_INVALID when it is no URL
 * @throws LOVAGE_SCHEME_UNKNOWN when no driver is known for the scheme
 * @throws LOVAGE_DRIVER_MISSING when the driver's package is not installed
 */
export async function openDriver(option: string, text: string, context: DriverContext): Promise<Driver> {
  const url = parsed(option, text);
  const scheme = url.protocol.slice(0, -1);
  if (scheme === 'memory') return createMemoryDriver(url, context);
  const name = packages.get(scheme);
  if (name === undefined) throw SCHEME_UNKNOWN.create({ scheme, known: ['memory', ...packages.keys()] });
  return (await load(name, scheme)).createDriver(url, context);
}

function parsed(option: string, text: string): URL {
  try {
    return new URL(text);
  } catch {
    // The text may hold a password, so it is not shown.
    throw OPTION_INVALID.create({
      problems: [
        {
          option,
          expected: 'a URL such as "memory://" or "redis://localhost:6379/0"',
          got: 'text that is no URL',
        },
      ],
    });
  }
}

async function load(name: string, scheme: string): Promise<{ readonly createDriver: CreateDriver }> {
  try {
    // reason: the type of an optional package that may not be there can not be known; its contract is CreateDriver.
    return (await import(name)) as { readonly createDriver: CreateDriver };
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
    if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND')
      throw DRIVER_MISSING.create({ scheme, install: name }, error);
    throw error;
  }
}
