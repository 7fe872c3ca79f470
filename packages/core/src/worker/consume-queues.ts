import type { Clock } from '../clock/clock.js';
import { Deadline } from '../clock/deadline.js';
import type { Broker } from '../ports/broker.js';
import type { Consumer, ConsumeParams } from '../ports/consumer.js';
import type { WorkerSettings } from './worker-settings.js';

/** Time to close what was opened when another part could not be. */
const closingMs = 2000;

export interface ConsumeQueuesParams
  extends Omit<ConsumeParams, 'consumerId' | 'queues' | 'queueOrder' | 'prefetch'> {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly settings: WorkerSettings;
  readonly newId: () => string;
}

/**
 * Consumes the queues of a worker. Where the worker wants an order and the broker has none, each queue is consumed apart with
 * the whole prefetch: so none can fill it with its own, and the worker takes from what it has in hand in its order.
 */
export async function consumeQueues({
  broker,
  clock,
  settings: { queues, queueOrder, prefetch },
  newId,
  ...common
}: ConsumeQueuesParams): Promise<Consumer> {
  const consume = async (some: readonly string[], order?: ConsumeParams['queueOrder']): Promise<Consumer> =>
    await broker.consume({ ...common, consumerId: newId(), queues: some, queueOrder: order, prefetch });
  if (queueOrder === 'fair') return await consume(queues);
  if (broker.capabilities.queueOrder || queues.length < 2) return await consume(queues, queueOrder);
  const outcomes = await Promise.allSettled(queues.map(async (queue) => await consume([queue])));
  const consumers = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const joined = new JoinedConsumers(consumers);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed === undefined) return joined;
  await joined.close({ deadline: Deadline.in(clock, closingMs) });
  throw failed.reason;
}

/** Several consumers of one worker. */
class JoinedConsumers implements Consumer {
  constructor(private readonly consumers: readonly Consumer[]) {}

  setPrefetch(prefetch: number): void {
    for (const consumer of this.consumers) consumer.setPrefetch(prefetch);
  }

  async pause(): Promise<void> {
    await Promise.all(this.consumers.map(async (consumer) => await consumer.pause()));
  }

  resume(): void {
    for (const consumer of this.consumers) consumer.resume();
  }

  async close(params: { readonly deadline: Deadline }): Promise<void> {
    await Promise.all(this.consumers.map(async (consumer) => await consumer.close(params)));
  }
}
