import { randomUUID } from 'node:crypto';
import type { Broker, Consumer, Delivery, Publication, SettleOutcome, SettleVerb } from '@lovage/core';
import { FaultProxy, RedisServer, type RedisServerOptions, waitFor } from '@lovage/services';
import type { RedisDriver } from '../../src/index.js';
import { idOf, publicationOf, resultOf } from './fault-messages.js';
import { RedisViews } from './redis-views.js';

/** Longest wait for a condition; spent only by a test that fails. */
export const withinMs = 30_000;

/** A driver that has every port. */
export type OpenDriver = Required<RedisDriver>;

/** A server, a proxy before it, and drivers on both sides of the proxy. Emptied by `reset`. */
export class FaultScene {
  readonly redis: RedisServer;
  readonly views = new RedisViews();
  private through: FaultProxy | undefined;

  constructor(options: RedisServerOptions = {}) {
    this.redis = new RedisServer(options);
  }

  get proxy(): FaultProxy {
    if (this.through === undefined) throw new Error('the scene has not been set');
    return this.through;
  }

  async start(): Promise<void> {
    await this.redis.start();
  }

  async reset(): Promise<void> {
    this.views.warnings.length = 0;
    await this.redis.flush();
    this.through = new FaultProxy({ upstreamPort: this.redis.port, protocol: 'resp' });
    await this.through.start();
  }

  async clear(): Promise<void> {
    this.views.close();
    await this.through?.close();
  }

  async close(): Promise<void> {
    await this.redis.close();
  }

  /** The server's URL with parameters, such as `lease=1s`. */
  urlOf(parameters = '', base = this.redis.url): string {
    return parameters === '' ? base : `${base}?${parameters}`;
  }

  proxyUrl(parameters = ''): string {
    return this.urlOf(parameters, this.proxy.urlOf(this.redis.url));
  }

  /** A driver with the queue `q` declared. */
  async driver(url: string): Promise<OpenDriver> {
    const driver = await this.views.open(url);
    const { broker, results, ledger, inspector } = driver;
    if (!broker || !results || !ledger || !inspector) throw new Error('a port is missing');
    await broker.declare({ topology: { queues: [{ name: 'q' }] }, deadline: this.views.deadline() });
    return { broker, results, ledger, inspector, destroy: () => driver.destroy() };
  }

  async publish(
    { broker }: { readonly broker: Broker },
    ids: readonly string[],
    { notBefore, deadlineMs = 20_000 }: { readonly notBefore?: number; readonly deadlineMs?: number } = {},
  ): Promise<void> {
    const publications = ids.map((id) => publicationOf(id, notBefore));
    await broker.publish({ publications, deadline: this.views.deadline(deadlineMs) });
  }

  async until(what: string, probe: () => boolean | Promise<boolean>, limitMs = withinMs): Promise<void> {
    await waitFor(probe, { withinMs: limitMs, what });
  }

  /** Nothing of any queue, nothing in hand. */
  async settledAll(): Promise<boolean> {
    // At one moment: asked one after the other, what is moved meanwhile from one place to another is in none.
    const counts = [
      `'LLEN', 'q'`,
      `'ZCARD', 'lovage:delayed:q'`,
      `'HLEN', 'unacked'`,
      `'ZCARD', 'unacked_index'`,
    ];
    const sum = counts.map((count) => `redis.call(${count})`).join(' + ');
    return (await this.redis.command('EVAL', `return ${sum}`, 0)) === 0;
  }

  async connectionsOfOurs(): Promise<number> {
    return (await this.redis.clients()).filter(({ name }) => name.startsWith('lovage-')).length;
  }
}

export interface RecorderOptions {
  readonly prefetch?: number;
  /** Settles each batch so at once. Default: nothing is settled. */
  readonly verb?: SettleVerb;
  readonly queues?: readonly string[];
  /** Called after each batch was noted. */
  readonly onDeliveries?: () => void;
  readonly onLost?: () => void;
}

/** A consumer that notes all that it is given, told and answered. */
export class Recorder {
  readonly deliveries: Delivery[] = [];
  readonly lost: Delivery[] = [];
  readonly outcomes: SettleOutcome[] = [];
  readonly failures: unknown[] = [];
  private opened: Consumer | undefined;

  private constructor(
    private readonly scene: FaultScene,
    private readonly driver: { readonly broker: Broker },
  ) {}

  static async open(
    scene: FaultScene,
    driver: { readonly broker: Broker },
    { prefetch = 10, verb, queues = ['q'], onDeliveries, onLost }: RecorderOptions = {},
  ): Promise<Recorder> {
    const recorder = new Recorder(scene, driver);
    recorder.opened = await driver.broker.consume({
      consumerId: randomUUID(),
      queues,
      prefetch,
      onDeliveries: (deliveries) => {
        recorder.deliveries.push(...deliveries);
        onDeliveries?.();
        if (verb !== undefined) void recorder.settle(verb, deliveries);
      },
      onLost: (deliveries) => {
        recorder.lost.push(...deliveries);
        onLost?.();
      },
      deadline: scene.views.deadline(),
    });
    return recorder;
  }

  get consumer(): Consumer {
    if (this.opened === undefined) throw new Error('not open');
    return this.opened;
  }

  get ids(): readonly string[] {
    return this.deliveries.map(idOf);
  }

  async reach(count: number, limitMs = withinMs): Promise<void> {
    await this.scene.until(`${count} deliveries`, () => this.deliveries.length >= count, limitMs);
  }

  /** Settles with the result SUCCESS where it is an acknowledgement. Never throws. */
  async settle(
    verb: SettleVerb,
    deliveries: readonly Delivery[] = this.deliveries,
    { publishes = [], deadlineMs = 20_000 }: { publishes?: readonly Publication[]; deadlineMs?: number } = {},
  ): Promise<readonly SettleOutcome[]> {
    const settlements = deliveries.map((delivery) => ({
      delivery,
      verb,
      results: verb.kind === 'ack' ? [resultOf(idOf(delivery), 'SUCCESS')] : [],
      publishes,
      joins: [],
    }));
    try {
      const outcomes = await this.driver.broker.settle({
        settlements,
        deadline: this.scene.views.deadline(deadlineMs),
      });
      this.outcomes.push(...outcomes);
      return outcomes;
    } catch (error) {
      this.failures.push(error);
      return [];
    }
  }
}

/** reason: real time, which only passes. */
export async function pause(ms: number): Promise<void> {
  await new Promise<void>((resolve) => setTimeout(resolve, ms));
}
