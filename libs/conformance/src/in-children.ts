import type { HarnessFactory } from './harness.js';

/** A harness whose workers execute in children of a pool: everything goes over the hop, both ways, as text. */
export function inChildren(factory: HarnessFactory): HarnessFactory {
  return {
    name: `${factory.name}, pool of children`,
    create: async () => Object.assign(await factory.create(), { pool: 'children' } as const),
  };
}
