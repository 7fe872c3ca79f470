import type { Options } from 'amqplib';
import type { Queue } from '@lovage/core';
import type { RabbitSettings } from '../connection/rabbit-target.js';
import { parkedQueue } from '../wire/parked.js';

type Defaults = Pick<RabbitSettings, 'queueType' | 'maxPriority' | 'deliveryLimit'>;

/** Quorum queues outlive restarts and connections; what must not is a classic one. Nor have they priorities. */
export function queueTypeOf(queue: Queue, { queueType }: Pick<Defaults, 'queueType'>): 'classic' | 'quorum' {
  if (queue.type !== undefined) return queue.type;
  const fleeting = queue.durable === false || queue.autoDelete === true || queue.exclusive === true;
  return fleeting || queue.maxPriority !== undefined ? 'classic' : queueType;
}

/** After how many deliveries the server gives a message of the queue up; `undefined`: as it likes. */
export function deliveryLimitOf(
  queue: Queue,
  defaults: Pick<Defaults, 'queueType' | 'deliveryLimit'>,
): number | undefined {
  return (
    queue.deliveryLimit ?? (queueTypeOf(queue, defaults) === 'quorum' ? defaults.deliveryLimit : undefined)
  );
}

/**
 * A queue as it is declared. A plain one has no arguments at all, as Celery declares it: every program that declares a queue
 * must give the same ones.
 *
 * With a delivery limit, what reaches it goes to the queue of parked messages, and is not dropped on the way.
 */
export function queueOptions(queue: Queue, defaults: Defaults): Options.AssertQueue {
  const quorum = queueTypeOf(queue, defaults) === 'quorum';
  const deliveryLimit = deliveryLimitOf(queue, defaults);
  const maxPriority = queue.maxPriority ?? (quorum ? undefined : defaults.maxPriority);
  return {
    durable: queue.durable ?? true,
    autoDelete: queue.autoDelete ?? false,
    exclusive: queue.exclusive ?? false,
    arguments: {
      ...(quorum && { 'x-queue-type': 'quorum' }),
      ...(maxPriority !== undefined && { 'x-max-priority': maxPriority }),
      ...(queue.expires !== undefined && { 'x-expires': Math.round(queue.expires * 1000) }),
      ...(deliveryLimit !== undefined && {
        'x-delivery-limit': deliveryLimit,
        'x-overflow': 'reject-publish',
        'x-dead-letter-exchange': '',
        'x-dead-letter-routing-key': parkedQueue(queue.name),
        'x-dead-letter-strategy': 'at-least-once',
      }),
      ...queue.arguments,
    },
  };
}
