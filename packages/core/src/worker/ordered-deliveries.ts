import type { Delivery } from '../ports/consumer.js';
import { WaitingDeliveries } from './waiting-deliveries.js';

/** Deliveries that wait for a slot, those of the first queue first. */
export class OrderedDeliveries implements Pick<WaitingDeliveries, keyof WaitingDeliveries> {
  private readonly byQueue: ReadonlyMap<string, WaitingDeliveries>;
  /** Of queues under another name than they were asked for. */
  private readonly others: WaitingDeliveries;
  private readonly inOrder: readonly WaitingDeliveries[];

  /** @param queues all that deliveries come from, the most wanted first */
  constructor(queues: readonly string[]) {
    this.byQueue = new Map(queues.map((queue) => [queue, new WaitingDeliveries()]));
    this.others = new WaitingDeliveries();
    this.inOrder = [...this.byQueue.values(), this.others];
  }

  get length(): number {
    let length = 0;
    for (const waiting of this.inOrder) length += waiting.length;
    return length;
  }

  add(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) (this.byQueue.get(delivery.queue) ?? this.others).add([delivery]);
  }

  take(): Delivery | undefined {
    for (const waiting of this.inOrder) {
      const delivery = waiting.take();
      if (delivery !== undefined) return delivery;
    }
    return undefined;
  }

  takeAll(): readonly Delivery[] {
    return this.inOrder.flatMap((waiting) => waiting.takeAll());
  }

  drop(lost: ReadonlySet<Delivery>): void {
    for (const waiting of this.inOrder) waiting.drop(lost);
  }
}
