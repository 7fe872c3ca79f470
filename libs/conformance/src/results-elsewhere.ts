import { randomUUID } from 'node:crypto';
import { createMemoryDriver, type Driver } from '@lovage/core';
import type { Harness, HarnessFactory } from './harness.js';

/**
 * The harness of a driver with a result store of another technology beside it: the one in memory. Settlements are then no single
 * step, and a crash may come between the result and the acknowledgement.
 */
export function resultsElsewhere(factory: HarnessFactory): HarnessFactory {
  return {
    name: `${factory.name}, results elsewhere`,
    create: async () => await withResults(await factory.create()),
  };
}

async function withResults(inner: Harness): Promise<Harness> {
  const url = new URL(`memory://results-${randomUUID()}`);
  const originals = new Map<Driver, Driver>();
  const { clock } = inner;
  const mixed = async (view: Driver): Promise<Driver> => {
    const { results } = createMemoryDriver(url, { clock, newId: randomUUID });
    await results.open({ deadline: inner.deadline() });
    const { broker, ledger, inspector } = view;
    const made: Driver = {
      results,
      ...(broker === undefined ? undefined : { broker }),
      ...(ledger === undefined ? undefined : { ledger }),
      ...(inspector === undefined ? undefined : { inspector }),
    };
    originals.set(made, view);
    return made;
  };
  const original = (view: Driver): Driver => originals.get(view) ?? view;
  const first = await mixed(inner.view);
  return {
    clock,
    view: first,
    another: async () => await mixed(await inner.another()),
    crash: async (view) => await inner.crash(original(view)),
    loseClaims: async (view) => await inner.loseClaims(original(view)),
    advance: async (ms) => await inner.advance(ms),
    quiet: async () => await inner.quiet(),
    eventually: async (what, probe) => await inner.eventually(what, probe),
    name: (stem) => inner.name(stem),
    deadline: () => inner.deadline(),
    dispose: async () => {
      for (const { results } of originals.keys()) await results?.close({ deadline: inner.deadline() });
      await inner.dispose();
    },
  };
}
