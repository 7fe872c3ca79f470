import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type {
  Consumer,
  ConsumeParams,
  Delivery,
  Driver,
  Settlement,
  SettleOutcome,
  SettleVerb,
} from '@lovage/core';
import { brokerOf, type Harness } from './harness.js';
import { idsOf } from './sample-message.js';

export interface TakerOptions {
  readonly queues: readonly string[];
  readonly queueOrder?: ConsumeParams['queueOrder'];
  /** Default 1,000. */
  readonly prefetch?: number;
  readonly suspectFrom?: number;
  /** Default: the first process. */
  readonly view?: Driver;
  /** Called with each batch, after it was noted. */
  readonly onDeliveries?: (deliveries: readonly Delivery[], taker: Taker) => void;
}

/** A consumer that notes what it is given. */
export class Taker {
  /** Everything that it was handed, in order. */
  readonly deliveries: Delivery[] = [];
  /** Everything that it was told is lost. */
  readonly lost: Delivery[] = [];
  /** Most deliveries that it ever had in hand. */
  mostInHand = 0;
  private inHand = 0;
  private opened: Consumer | undefined;
  private failure: { readonly error: unknown } | undefined;

  private constructor(
    private readonly harness: Harness,
    private readonly view: Driver,
  ) {}

  static async open(
    harness: Harness,
    { queues, queueOrder, prefetch = 1000, suspectFrom, view = harness.view, onDeliveries }: TakerOptions,
  ): Promise<Taker> {
    const taker = new Taker(harness, view);
    taker.opened = await brokerOf(view).consume({
      consumerId: randomUUID(),
      queues,
      queueOrder,
      prefetch,
      suspectFrom,
      onDeliveries: (deliveries) => {
        taker.deliveries.push(...deliveries);
        taker.inHand += deliveries.length;
        taker.mostInHand = Math.max(taker.mostInHand, taker.inHand);
        onDeliveries?.(deliveries, taker);
      },
      onLost: (deliveries) => {
        taker.lost.push(...deliveries);
        taker.inHand -= deliveries.length;
      },
      deadline: harness.deadline(),
    });
    return taker;
  }

  /** One that acknowledges all that it is given. */
  static async acking(harness: Harness, options: Omit<TakerOptions, 'onDeliveries'>): Promise<Taker> {
    return await Taker.open(harness, {
      ...options,
      onDeliveries: (deliveries, taker) => {
        taker.settleAll({ kind: 'ack' }, deliveries).catch((error: unknown) => {
          taker.failure = { error };
        });
      },
    });
  }

  get consumer(): Consumer {
    assert.ok(this.opened !== undefined);
    return this.opened;
  }

  /** Ids of all that it was handed, in order. */
  get ids(): readonly string[] {
    return idsOf(this.deliveries);
  }

  /** Waits until it was handed `count` in all; gives them. */
  async reach(count: number): Promise<readonly Delivery[]> {
    await this.harness.eventually(
      `${count} deliveries should arrive`,
      () => this.failure !== undefined || this.deliveries.length >= count,
    );
    if (this.failure !== undefined) throw this.failure.error;
    return this.deliveries;
  }

  /** The delivery at a position, once it has come. */
  async nth(index: number): Promise<Delivery> {
    const delivery = (await this.reach(index + 1))[index];
    assert.ok(delivery !== undefined);
    return delivery;
  }

  /** Checks that no more than `count` come. */
  async staysAt(count: number, why: string): Promise<void> {
    await this.reach(count);
    await this.harness.quiet();
    assert.equal(this.deliveries.length, count, why);
  }

  async begin(deliveries: readonly Delivery[]): Promise<void> {
    await brokerOf(this.view).begin({ deliveries, deadline: this.harness.deadline() });
  }

  async settle(verb: SettleVerb, delivery: Delivery, extras: SettlementExtras = {}): Promise<SettleOutcome> {
    const [outcome] = await this.settleBatch([settlement(delivery, verb, extras)]);
    assert.ok(outcome !== undefined, 'settle should give one outcome for each settlement');
    return outcome;
  }

  async settleAll(verb: SettleVerb, deliveries: readonly Delivery[]): Promise<readonly SettleOutcome[]> {
    return await this.settleBatch(deliveries.map((delivery) => settlement(delivery, verb)));
  }

  async settleBatch(settlements: readonly Settlement[]): Promise<readonly SettleOutcome[]> {
    this.inHand -= settlements.length;
    return await brokerOf(this.view).settle({ settlements, deadline: this.harness.deadline() });
  }

  async close(): Promise<void> {
    await this.consumer.close({ deadline: this.harness.deadline() });
  }
}

export type SettlementExtras = Partial<Pick<Settlement, 'results' | 'publishes' | 'joins' | 'closes'>>;

export const settlement = (
  delivery: Delivery,
  verb: SettleVerb,
  extras: SettlementExtras = {},
): Settlement => ({
  delivery,
  verb,
  results: extras.results ?? [],
  publishes: extras.publishes ?? [],
  joins: extras.joins ?? [],
  ...(extras.closes !== undefined && { closes: extras.closes }),
});
