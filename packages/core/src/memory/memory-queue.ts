import type { ParkReason } from '../ports/settlement.js';
import type { DeliveryHolder, DeliveryHome, MemoryDelivery } from './memory-delivery.js';
import { RingDeque } from './ring-deque.js';

/** A message that was taken out of its queue, with the reason. */
export interface ParkedMessage {
  readonly delivery: MemoryDelivery;
  readonly reason: ParkReason;
}

/** Parked messages that a queue keeps; the oldest go first. */
export const mostParked = 10_000;

const highestPriority = 9;

/** One queue: what waits in it, what was handed out of it, what was parked. */
export class MemoryQueue implements DeliveryHome {
  /** Number of consumers. */
  consumers = 0;
  delayed = 0;
  readonly parked = new RingDeque<ParkedMessage>();
  /** Parked messages that were dropped, since newer ones needed the room. */
  parkedDropped = 0;
  private waiting = 0;
  private handedOut = 0;
  /** Waiting messages by priority; a level is made when it is first used. */
  private readonly levels: (RingDeque<MemoryDelivery> | undefined)[] = Array.from({
    length: highestPriority + 1,
  });
  /** Bit n is set while level n holds something. */
  private filled = 0;
  private firstUnsettled: MemoryDelivery | undefined;
  private lastUnsettled: MemoryDelivery | undefined;

  /** @param autoDelete whether it ends with its last consumer */
  constructor(
    readonly name: string,
    readonly autoDelete = false,
  ) {}

  get ready(): number {
    return this.waiting;
  }

  get unsettled(): number {
    return this.handedOut;
  }

  pushBack(delivery: MemoryDelivery): void {
    this.levelOf(delivery).pushBack(delivery);
    this.waiting += 1;
  }

  pushFront(delivery: MemoryDelivery): void {
    this.levelOf(delivery).pushFront(delivery);
    this.waiting += 1;
  }

  /** Hands the next message to a consumer. */
  take(holder: DeliveryHolder): MemoryDelivery | undefined {
    if (this.filled === 0) return undefined;
    const highest = 31 - Math.clz32(this.filled);
    const level = this.levels[highest] as RingDeque<MemoryDelivery>;
    const delivery = level.popFront() as MemoryDelivery;
    if (level.length === 0) this.filled &= ~(1 << highest);
    this.waiting -= 1;
    delivery.holder = holder;
    delivery.previous = this.lastUnsettled;
    if (this.lastUnsettled === undefined) this.firstUnsettled = delivery;
    else this.lastUnsettled.next = delivery;
    this.lastUnsettled = delivery;
    this.handedOut += 1;
    return delivery;
  }

  end(delivery: MemoryDelivery): void {
    const { previous, next } = delivery;
    if (previous === undefined) this.firstUnsettled = next;
    else previous.next = next;
    if (next === undefined) this.lastUnsettled = previous;
    else next.previous = previous;
    delivery.holder = undefined;
    delivery.previous = undefined;
    delivery.next = undefined;
    this.handedOut -= 1;
  }

  /** What one consumer has in hand, in the order of delivery. */
  heldBy(holder: DeliveryHolder): readonly MemoryDelivery[] {
    return [...this.unsettledDeliveries()].filter((delivery) => delivery.holder === holder);
  }

  park(delivery: MemoryDelivery, reason: ParkReason): void {
    this.parked.pushBack({ delivery, reason });
    if (this.parked.length <= mostParked) return;
    this.parked.popFront();
    this.parkedDropped += 1;
  }

  /** The parked message of a task. */
  parkedOf(taskId: string): ParkedMessage | undefined {
    for (let index = 0; index < this.parked.length; index += 1) {
      const parked = this.parked.at(index);
      if (parked?.delivery.message.headers['id'] === taskId) return parked;
    }
    return undefined;
  }

  unpark(gone: ParkedMessage): void {
    for (let left = this.parked.length; left > 0; left -= 1) {
      const parked = this.parked.popFront();
      if (parked !== undefined && parked !== gone) this.parked.pushBack(parked);
    }
  }

  /** Deletes what waits; gives its number. */
  purge(): number {
    const purged = this.waiting;
    for (const level of this.levels) level?.clear();
    this.filled = 0;
    this.waiting = 0;
    return purged;
  }

  /** The waiting message at a position in the order of delivery. */
  readyAt(index: number): MemoryDelivery | undefined {
    let left = index;
    for (let priority = highestPriority; priority >= 0; priority -= 1) {
      const level = this.levels[priority];
      if (level === undefined) continue;
      if (left < level.length) return level.at(left);
      left -= level.length;
    }
    return undefined;
  }

  /** In the order of delivery. */
  *unsettledDeliveries(): Generator<MemoryDelivery, void, undefined> {
    for (let at = this.firstUnsettled; at !== undefined; at = at.next) yield at;
  }

  private levelOf(delivery: MemoryDelivery): RingDeque<MemoryDelivery> {
    const wanted = delivery.message.properties.priority;
    // `| 0` also makes 0 of what is no number.
    const priority = wanted === undefined ? 0 : Math.min(Math.max(wanted | 0, 0), highestPriority);
    this.filled |= 1 << priority;
    return (this.levels[priority] ??= new RingDeque());
  }
}
