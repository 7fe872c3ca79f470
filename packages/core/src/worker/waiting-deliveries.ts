import type { Delivery } from '../ports/consumer.js';

/** Deliveries that wait for a slot, first come first served. Taking one costs the same however many wait. */
export class WaitingDeliveries {
  private items: Delivery[] = [];
  private head = 0;

  get length(): number {
    return this.items.length - this.head;
  }

  add(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) this.items.push(delivery);
  }

  take(): Delivery | undefined {
    const delivery = this.items[this.head];
    if (delivery === undefined) return undefined;
    this.head += 1;
    // Cut off what was taken when it is the larger part, so that the cost is shared by as many takes.
    if (this.head * 2 >= this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return delivery;
  }

  takeAll(): readonly Delivery[] {
    const all = this.items.slice(this.head);
    this.items = [];
    this.head = 0;
    return all;
  }

  drop(lost: ReadonlySet<Delivery>): void {
    this.items = this.takeAll().filter((delivery) => !lost.has(delivery));
  }
}
