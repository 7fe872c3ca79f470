import { type FlowJob, FlowProducer, QueueEvents, Worker } from 'bullmq';
import type { CanvasContender } from './contender.js';

/** Flows: a job waits for its children. */
export async function bullmq(url: string): Promise<CanvasContender> {
  const queueName = 'bullmq';
  const connection = { url };
  const flows = new FlowProducer({ connection });
  const events = new QueueEvents(queueName, { connection });
  const worker = new Worker(queueName, async () => await Promise.resolve(null), {
    connection,
    concurrency: 100,
  });
  await Promise.all([flows.waitUntilReady(), events.waitUntilReady(), worker.waitUntilReady()]);
  const run = async (flow: FlowJob): Promise<void> => {
    const { job } = await flows.add(flow);
    await job.waitUntilFinished(events);
  };
  const step = (): FlowJob => ({ name: 'noop', queueName, data: {}, opts: { removeOnComplete: false } });
  return {
    name: 'BullMQ',
    chain: async (steps) => {
      let flow = step();
      for (let done = 1; done < steps; done += 1) flow = { ...step(), children: [flow] };
      await run(flow);
    },
    group: async (size) => await run({ ...step(), children: Array.from({ length: size }, step) }),
    close: async () => {
      await Promise.all([worker.close(), events.close(), flows.close()]);
    },
  };
}
