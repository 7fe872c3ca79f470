import { randomUUID } from 'node:crypto';
import {
  type Broker,
  type Consumer,
  Deadline,
  type Delivery,
  type Publication,
  type PublishOutcome,
  type SettleOutcome,
  type SettleVerb,
  SystemClock,
  type Topology,
} from '@lovage/core';
import { waitFor } from '@lovage/services';
import { createDriver, type RabbitDriver } from '../../src/index.js';

const withinMs = 60_000;

export interface TakeOptions {
  /** Default 10. */
  readonly prefetch?: number;
  readonly suspectFrom?: number;
  /** Called with each delivery; default: it stays in hand. */
  readonly onDelivery?: (delivery: Delivery) => void;
}

/** A driver in the midst of faults: what it was given, what it was told. */
export class FaultScene {
  readonly clock = new SystemClock();
  readonly driver: RabbitDriver;
  readonly warnings: Error[] = [];
  readonly deliveries: Delivery[] = [];
  readonly lost: Delivery[] = [];
  /** What settling had against it. */
  readonly problems: unknown[] = [];

  private constructor(url: string) {
    this.driver = createDriver(new URL(url), {
      clock: this.clock,
      newId: randomUUID,
      onWarning: (warning) => this.warnings.push(warning),
    });
  }

  static async open(url: string): Promise<FaultScene> {
    const scene = new FaultScene(url);
    await scene.broker.open({ deadline: scene.deadline() });
    return scene;
  }

  get broker(): Broker {
    const { broker } = this.driver;
    if (broker === undefined) throw new Error('it has a broker');
    return broker;
  }

  deadline(ms = withinMs): Deadline {
    return Deadline.in(this.clock, ms);
  }

  async declare(topology: Topology): Promise<void> {
    await this.broker.declare({ topology, deadline: this.deadline() });
  }

  async publish(
    publications: readonly Publication[],
    deadline = this.deadline(),
  ): Promise<readonly PublishOutcome[]> {
    return await this.broker.publish({ publications, deadline });
  }

  async take(
    queues: readonly string[],
    { prefetch = 10, suspectFrom, onDelivery }: TakeOptions = {},
  ): Promise<Consumer> {
    return await this.broker.consume({
      consumerId: randomUUID(),
      queues,
      prefetch,
      suspectFrom,
      onDeliveries: (deliveries) => {
        this.deliveries.push(...deliveries);
        for (const delivery of deliveries) onDelivery?.(delivery);
      },
      onLost: (deliveries) => this.lost.push(...deliveries),
      deadline: this.deadline(),
    });
  }

  /** A consumer that acknowledges everything. */
  async drain(queues: readonly string[], prefetch = 10): Promise<Consumer> {
    return await this.take(queues, {
      prefetch,
      onDelivery: (delivery) => {
        this.settle({ kind: 'ack' }, delivery).catch((error: unknown) => this.problems.push(error));
      },
    });
  }

  async settle(verb: SettleVerb, ...deliveries: readonly Delivery[]): Promise<readonly SettleOutcome[]> {
    return await this.broker.settle({
      settlements: deliveries.map((delivery) => ({
        delivery,
        verb,
        results: [],
        publishes: [],
        joins: [],
      })),
      deadline: this.deadline(),
    });
  }

  /** Ids of what came, each once. */
  get ids(): ReadonlySet<string> {
    return new Set(this.deliveries.map(({ message }) => String(message.headers['id'])));
  }

  async until(what: string, probe: () => boolean | Promise<boolean>): Promise<void> {
    await waitFor(probe, { withinMs, what });
  }

  async close(): Promise<void> {
    await this.broker.close({ deadline: this.deadline(5000) });
    this.driver.destroy();
  }
}

/** Messages to a queue with ids that tell their place. */
export const numbered = (queue: string, count: number, from = 0): readonly Publication[] =>
  Array.from({ length: count }, (_, index) => {
    const id = String(from + index);
    return {
      exchange: '',
      routingKey: queue,
      message: {
        contentType: 'application/json',
        contentEncoding: 'utf-8',
        headers: { task: 'fault.sample', id },
        properties: { correlationId: id, deliveryMode: 2 },
        body: `[[${id}],{},{}]`,
      },
    };
  });
