import { randomUUID } from 'node:crypto';
import type { Clock } from '../../src/clock/clock.js';
import { Deadline } from '../../src/clock/deadline.js';
import { createMemoryDriver, type MemoryDriver } from '../../src/memory/memory-driver.js';
import type { Consumer, ConsumeParams, Delivery } from '../../src/ports/consumer.js';
import type { Publication } from '../../src/ports/publication.js';
import type { SettleVerb } from '../../src/ports/settlement.js';
import type { Topology } from '../../src/ports/topology.js';

/** A driver with some queues, and short words for what is done with it. */
export class BrokerRig {
  readonly driver: MemoryDriver;

  constructor(readonly clock: Clock) {
    this.driver = createMemoryDriver(new URL('memory://'), { clock, newId: randomUUID });
  }

  static async open(clock: Clock, ...queues: string[]): Promise<BrokerRig> {
    const rig = new BrokerRig(clock);
    await rig.driver.broker.open({ deadline: rig.deadline });
    await rig.driver.inspector.open({ deadline: rig.deadline });
    await rig.declare({ queues: queues.map((name) => ({ name })) });
    return rig;
  }

  get deadline(): Deadline {
    return Deadline.in(this.clock, 60_000);
  }

  async declare(topology: Topology): Promise<void> {
    await this.driver.broker.declare({ topology, deadline: this.deadline });
  }

  async publish(queue: string, count: number, parts: Partial<Publication> = {}): Promise<void> {
    const publications = Array.from({ length: count }, (_, index) => ({
      message: {
        contentType: 'application/json',
        contentEncoding: 'utf-8',
        headers: { id: String(index) },
        properties: {},
        body: Buffer.from('[]'),
      },
      exchange: '',
      routingKey: queue,
      ...parts,
    }));
    await this.driver.broker.publish({ publications, deadline: this.deadline });
  }

  async consume(
    params: Partial<ConsumeParams> & Pick<ConsumeParams, 'queues' | 'onDeliveries'>,
  ): Promise<Consumer> {
    return await this.driver.broker.consume({
      consumerId: randomUUID(),
      prefetch: 10_000,
      onLost: () => undefined,
      deadline: this.deadline,
      ...params,
    });
  }

  async settle(deliveries: readonly Delivery[], verb: SettleVerb = { kind: 'ack' }): Promise<void> {
    const settlements = deliveries.map((delivery) => ({
      delivery,
      verb,
      results: [],
      publishes: [],
      joins: [],
    }));
    await this.driver.broker.settle({ settlements, deadline: this.deadline });
  }

  async close(): Promise<void> {
    await this.driver.broker.close({ deadline: this.deadline });
    await this.driver.inspector.close({ deadline: this.deadline });
  }
}
