import type { CeleryClient } from '@lovage/services';
import type { CanvasContender } from './contender.js';

const step = (task: string, args: readonly number[], immutable: boolean) => ({
  task,
  args,
  kwargs: {},
  options: {},
  subtask_type: null,
  immutable,
});

/** A worker with one slot in a process of its own; a caller in another. */
export function celery(client: CeleryClient): CanvasContender {
  const run = async (kind: string, kwargs: object): Promise<void> => {
    const json = { ...step(`celery.${kind}`, [], false), kwargs, subtask_type: kind };
    const { id } = await client.apply(json as never);
    await client.get(id);
  };
  const noop = step('interop.add', [1, 1], true);
  return {
    name: 'Celery',
    chain: async (steps) => await run('chain', { tasks: Array.from({ length: steps }, () => noop) }),
    group: async (size) =>
      await run('chord', { header: Array.from({ length: size }, () => noop), body: noop, kwargs: {} }),
    close: async () => await Promise.resolve(),
  };
}
