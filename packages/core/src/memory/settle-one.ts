import type { WallMs } from '../clock/clock.js';
import type { Settlement, SettleOutcome } from '../ports/settlement.js';
import type { MemoryDelivery } from './memory-delivery.js';
import type { MemoryStore } from './memory-store.js';

const settled: SettleOutcome = { kind: 'settled' };
const lost: SettleOutcome = { kind: 'lost' };

/**
 * Ends one delivery with all that goes with it. Nothing in it can fail halfway, so it is one step.
 *
 * @param released takes what is to be delivered next; the caller puts it back when the batch is through
 */
export function settleOne(
  store: MemoryStore,
  settlement: Settlement,
  nowMs: number,
  released: MemoryDelivery[],
): SettleOutcome {
  const delivery = settlement.delivery as MemoryDelivery;
  const { holder, home } = delivery;
  if (holder === undefined) return lost;
  const { verb, results, publishes, joins, closes } = settlement;
  for (const result of results) store.results.put(result, nowMs, delivery.sent);
  const joined = joins.length === 0 ? undefined : joins.map((part) => store.chords.join(part, nowMs));
  if (joined?.some(({ kind }) => kind === 'complete') === true) return { kind: 'complete', joined };
  home.end(delivery);
  holder.freed();
  const published =
    publishes.length === 0 ? undefined : publishes.map((publication) => store.accept(publication, nowMs));
  if (closes !== undefined) for (const groupId of closes) store.chords.shut(groupId, nowMs);
  switch (verb.kind) {
    case 'ack':
      break;
    case 'release':
      released.push(delivery.again(delivery.deliveries));
      break;
    case 'requeue':
      requeue(store, delivery, verb.delayMs ?? 0);
      break;
    case 'park':
      home.park(delivery, verb.reason);
      break;
  }
  if (published === undefined && joined === undefined) return settled;
  return { kind: 'settled', ...(published && { published }), ...(joined && { joined }) };
}

function requeue(store: MemoryStore, delivery: MemoryDelivery, delayMs: number): void {
  const next = delivery.again(delivery.deliveries + 1);
  if (delayMs > 0) store.delayed.add(next, (store.clock.wallNow() + delayMs) as WallMs);
  else next.home.pushBack(next);
}
