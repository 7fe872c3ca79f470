import { chain, chord, type Signature, TaskApp } from '@lovage/core';
import type { CanvasContender } from './contender.js';

/** Caller and worker in this process, as those of BullMQ. */
export async function lovage(url: string): Promise<CanvasContender> {
  const queue = 'lovage';
  const app = await TaskApp.create({
    broker: url,
    queues: [queue],
    defaultQueue: queue,
    worker: { queues: [queue], concurrency: 100 },
  });
  app.registry.add({ name: 'noop', run: () => null, options: {}, source: 'bench' });
  await app.start();
  const noop = app.client.caller<[], null>('noop').si();
  return {
    name: 'Lovage',
    chain: async (steps) => {
      const all = Array.from({ length: steps }, () => noop) as unknown as Signature<null, [null]>[];
      await (await app.client.apply(chain(all))).get();
    },
    group: async (size) => {
      const header = Array.from({ length: size }, () => noop);
      await (await app.client.apply(chord(header, noop))).get();
    },
    close: async () => await app.close(),
  };
}
