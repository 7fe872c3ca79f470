import type { Deadline } from '../clock/deadline.js';
import { OPTION_INVALID } from '../errors/config-errors.js';
import type {
  InspectedMessage,
  Inspector,
  MessagePage,
  MessagePlace,
  QueueInfo,
} from '../ports/inspector.js';
import type { DelayedMessages } from './delayed-messages.js';
import type { MemoryDelivery } from './memory-delivery.js';
import type { MemoryQueue } from './memory-queue.js';
import { checkedLimit } from '../drivers/page-limit.js';
import { PortSession } from './port-session.js';
import type { StoreHandle } from './store-handle.js';

/** Looks into a store in the memory of this process. */
export class MemoryInspector implements Inspector {
  readonly places: readonly MessagePlace[] = ['ready', 'delayed', 'unsettled', 'parked'];
  private readonly session: PortSession;

  constructor(handle: StoreHandle) {
    this.session = new PortSession(handle, 'inspector');
  }

  get storeId(): string {
    return this.session.storeId;
  }

  async open(params: { readonly deadline: Deadline }): Promise<void> {
    this.session.open(params.deadline);
  }

  async queues(params: { readonly deadline: Deadline }): Promise<readonly QueueInfo[]> {
    const { exchanges } = this.session.use('queues', params.deadline);
    return exchanges.queues().map((queue) => ({
      name: queue.name,
      ready: queue.ready,
      delayed: queue.delayed,
      unsettled: queue.unsettled,
      parked: queue.parked.length,
      consumers: queue.consumers,
    }));
  }

  /** @throws LOVAGE_QUEUE_UNDECLARED; LOVAGE_OPTION_INVALID for a limit or a cursor that can not be */
  async messages(params: {
    readonly queue: string;
    readonly place: MessagePlace;
    readonly limit: number;
    readonly cursor?: string | undefined;
    readonly deadline: Deadline;
  }): Promise<MessagePage> {
    const { exchanges, delayed } = this.session.use('messages', params.deadline);
    const queue = exchanges.queue(params.queue, 'messages');
    const limit = checkedLimit(params.limit);
    if (params.place === 'delayed') return delayedPage(delayed, queue, limit, params.cursor);
    const start = params.cursor === undefined ? 0 : checkedCursor(params.cursor, 1)[0];
    const found = fromPosition(queue, params.place, start, limit + 1);
    const messages = found.slice(0, limit);
    return found.length > limit ? { messages, cursor: String(start + limit) } : { messages };
  }

  async close(): Promise<void> {
    this.session.close();
  }
}

function fromPosition(
  queue: MemoryQueue,
  place: 'ready' | 'unsettled' | 'parked',
  start: number,
  count: number,
): InspectedMessage[] {
  const found: InspectedMessage[] = [];
  if (place === 'unsettled') {
    let position = 0;
    for (const delivery of queue.unsettledDeliveries()) {
      if (found.length === count) break;
      if (position >= start) found.push(inspected(delivery, place, delivery.deliveries));
      position += 1;
    }
    return found;
  }
  for (let position = start; found.length < count; position += 1) {
    if (place === 'ready') {
      const delivery = queue.readyAt(position);
      if (delivery === undefined) break;
      found.push(inspected(delivery, place, handedOut(delivery)));
    } else {
      const parked = queue.parked.at(position);
      if (parked === undefined) break;
      found.push({ ...inspected(parked.delivery, place, parked.delivery.deliveries), reason: parked.reason });
    }
  }
  return found;
}

/** Pages by time and order, since positions shift as messages become due. */
function delayedPage(
  delayed: DelayedMessages,
  queue: MemoryQueue,
  limit: number,
  cursor: string | undefined,
): MessagePage {
  const [atMs, order] = cursor === undefined ? [] : checkedCursor(cursor, 2);
  const after = atMs === undefined || order === undefined ? undefined : { atMs, order };
  const found = delayed.page(queue, limit + 1, after);
  const messages = found
    .slice(0, limit)
    .map(({ value, atMs: notBefore }) => ({ ...inspected(value, 'delayed', handedOut(value)), notBefore }));
  const last = found[limit - 1];
  return found.length > limit && last !== undefined
    ? { messages, cursor: `${last.atMs}:${last.order}` }
    : { messages };
}

const inspected = (delivery: MemoryDelivery, place: MessagePlace, deliveries: number): InspectedMessage => ({
  message: delivery.message,
  queue: delivery.queue,
  place,
  deliveries,
});

/** How often a waiting message was handed out. One that was released once counts as never handed out. */
const handedOut = (waiting: MemoryDelivery): number => waiting.deliveries - 1;

function checkedCursor(cursor: string, parts: 1): [number];
function checkedCursor(cursor: string, parts: 2): [number, number];
function checkedCursor(cursor: string, parts: number): number[] {
  const numbers = cursor.split(':');
  if (numbers.length === parts && numbers.every((text) => /^\d{1,16}(\.\d+)?$/.test(text)))
    return numbers.map(Number);
  throw OPTION_INVALID.create({
    problems: [{ option: 'cursor', expected: 'one that a page of this queue gave', got: cursor }],
  });
}
