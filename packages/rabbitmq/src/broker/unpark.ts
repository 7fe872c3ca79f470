import type { Broker, UnparkOutcome } from '@lovage/core';
import { codedFailure, failureKind } from '../connection/amqp-failure.js';
import type { RabbitStore } from '../rabbit-store.js';
import { parkedQueue } from '../wire/parked.js';
import type { Publisher } from './publisher.js';

/** Parked messages that are looked through. */
const mostLookedAt = 10_000;

/**
 * Looks for the parked message of a task: takes one after the other out of their queue on a channel of its own, whose end gives back
 * all but the one that was found.
 */
export async function unpark(
  store: RabbitStore,
  publisher: Publisher,
  { queue, taskId, publication, deadline }: Parameters<Broker['unpark']>[0],
): Promise<UnparkOutcome> {
  const name = parkedQueue(queue);
  try {
    return await store.publishing.call('unpark', deadline, async (channel): Promise<UnparkOutcome> => {
      for (let looked = 0; looked < mostLookedAt && !deadline.passed; looked += 1) {
        const message = await channel.get(name);
        if (message === false) return { kind: 'absent' };
        if (message.properties.headers?.['id'] !== taskId) continue;
        if (publication !== undefined) {
          const [outcome] = await publisher.publish([publication], deadline);
          if (outcome?.kind !== 'accepted') return { kind: 'unroutable' };
        }
        channel.ack(message);
        return { kind: 'unparked' };
      }
      return { kind: 'absent' };
    });
  } catch (error) {
    // Nothing was ever parked.
    if (failureKind(error) === 'missing') return { kind: 'absent' };
    throw codedFailure(store.address, 'unpark', error);
  }
}
