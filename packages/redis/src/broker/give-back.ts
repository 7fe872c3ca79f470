import type { Deadline } from '@lovage/core';
import { stepOf } from '../keys.js';
import { settleScript } from '../scripts/settle.js';
import { rewriteEnvelope } from '../wire/rewrite-envelope.js';
import type { ConsumerSurroundings } from './consumer-surroundings.js';
import type { RedisDelivery } from './redis-delivery.js';
import { settleHead } from './settle-head.js';

const mostAtOnce = 1000;

/**
 * Puts deliveries back where they were taken from: from the last to the first, so that they come out again in their
 * old order. Those that the user has seen count as delivered, suspects among them if their work has begun.
 */
export async function giveBack(
  { store, link }: ConsumerSurroundings,
  inHand: readonly RedisDelivery[],
  deadline: Deadline,
): Promise<void> {
  const deliveries = inHand.toReversed();
  for (let from = 0; from < deliveries.length; from += mostAtOnce) {
    const part = deliveries.slice(from, from + mostAtOnce);
    const args = settleHead({ token: store.newId(), deliveries: part, longOnes: part.length });
    for (const delivery of part) {
      const list = store.keys.list(delivery.queue, stepOf(delivery.message.properties.priority));
      const count = delivery.counts ? delivery.deliveries : delivery.deliveries - 1;
      const text = delivery.handed
        ? rewriteEnvelope(delivery.text, { tag: store.newId(), deliveries: count })
        : delivery.text;
      args.push(delivery.tag, 'long', 0, 0, 'next', list, text, 0, 0);
    }
    await store.runOn(link, settleScript, deadline, args);
  }
}
