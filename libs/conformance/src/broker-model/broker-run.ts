import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Consumer, Delivery, SettleVerb } from '@lovage/core';
import { declare } from '../broker/queues.js';
import { brokerOf, type Harness } from '../harness.js';
import { idOf } from '../sample-message.js';
import { settlement } from '../taker.js';
import type { BrokerModel } from './broker-model.js';

interface Handle {
  readonly delivery: Delivery;
  readonly id: string;
  /** Which delivery of its message it was. */
  readonly handedOut: number;
}

/** A real broker beside its model: everything that it does is compared at once. */
export class BrokerRun {
  /** Everything that was ever handed out. */
  readonly handles: Handle[] = [];
  readonly consumers: Consumer[] = [];
  private readonly problems: string[] = [];

  private constructor(
    readonly harness: Harness,
    readonly model: BrokerModel,
    /** Names by number. */
    readonly queues: readonly string[],
  ) {}

  static async start(harness: Harness, model: BrokerModel, queueCount: number): Promise<BrokerRun> {
    const queues = Array.from({ length: queueCount }, () => harness.name('model'));
    await declare(harness, { queues: queues.map((name) => ({ name })) });
    return new BrokerRun(harness, model, queues);
  }

  async consume(queues: readonly number[], prefetch: number): Promise<void> {
    const index = this.model.consumers.push({ queues, prefetch, paused: false, open: true }) - 1;
    this.consumers[index] = await brokerOf(this.harness.view).consume({
      consumerId: randomUUID(),
      queues: queues.map((queue) => this.nameOf(queue)),
      prefetch,
      onDeliveries: (deliveries) => this.take(index, deliveries),
      onLost: () => this.problems.push('deliveries were lost, although nothing happened to their consumer'),
      deadline: this.harness.deadline(),
    });
  }

  /** Settles some of all that was ever handed out, in one batch. */
  async settle(parts: readonly { readonly handle: Handle; readonly verb: SettleVerb }[]): Promise<void> {
    const now = this.harness.clock.wallNow();
    // The model first: what goes back may be delivered again before the call has ended.
    const expected = parts.map(({ handle, verb }) =>
      this.model.settle(handle.id, handle.handedOut, verb, now),
    );
    const outcomes = await brokerOf(this.harness.view).settle({
      settlements: parts.map(({ handle, verb }) => settlement(handle.delivery, verb)),
      deadline: this.harness.deadline(),
    });
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      expected,
    );
  }

  /** Waits until everything was delivered that must be; fails when something was done that must not be. */
  async check(): Promise<void> {
    await this.harness
      .eventually('', () => this.problems.length > 0 || !this.model.mustDeliver(this.harness.clock.wallNow()))
      .catch(() => assert.fail('a message is not delivered, although a consumer has room for it'));
    assert.deepEqual(this.problems, []);
  }

  /** Takes all that is left out of the broker and checks that every message has come to its end. */
  async finish(): Promise<void> {
    for (const index of this.consumers.keys()) await this.close(index);
    await this.harness.advance(1000);
    await this.consume([...this.queues.keys()], 10);
    for (let start = 0; ; ) {
      await this.check();
      if (start === this.handles.length) break;
      const taken = this.handles.slice(start);
      start = this.handles.length;
      await this.settle(taken.map((handle) => ({ handle, verb: { kind: 'ack' } })));
    }
    await this.harness.quiet();
    await this.check();
    const left = [...this.model.messages].filter(
      ([, { place }]) => place.kind !== 'gone' && place.kind !== 'parked',
    );
    assert.deepEqual(left, [], 'messages are left');
  }

  async close(index: number): Promise<void> {
    this.model.close(index);
    await this.consumers[index]?.close({ deadline: this.harness.deadline() });
  }

  nameOf(queue: number): string {
    const name = this.queues[queue];
    assert.ok(name !== undefined);
    return name;
  }

  private take(index: number, deliveries: readonly Delivery[]): void {
    const now = this.harness.clock.wallNow();
    for (const delivery of deliveries) {
      const id = idOf(delivery);
      const { deliveries: count, redelivered } = delivery;
      const problem = this.model.hand(
        index,
        { id, queue: this.queues.indexOf(delivery.queue), deliveries: count, redelivered },
        now,
      );
      if (problem !== undefined)
        this.problems.push(`message ${id} was delivered to consumer ${index}: ${problem}`);
      this.handles.push({ delivery, id, handedOut: this.model.messages.get(id)?.handedOut ?? 0 });
    }
  }
}
