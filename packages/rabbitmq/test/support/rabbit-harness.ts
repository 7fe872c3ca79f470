import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Harness, HarnessFactory } from '@lovage/conformance';
import { Deadline, type Driver, SystemClock } from '@lovage/core';
import { RabbitServer, type RabbitVhost, waitFor } from '@lovage/services';
import { createDriver, type RabbitDriver } from '../../src/index.js';

export interface RabbitHarnessOptions {
  /** For the names of the suites. Default `rabbitmq`. */
  readonly name?: string;
  /** Parameters of the URL, such as `{ queueType: 'quorum' }`. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Longest wait for a condition in milliseconds; spent only by a case that fails. Default 60,000. */
  readonly withinMs?: number;
}

/** What is under way on this machine has happened after this time. */
const quietMs = 150;

/**
 * The harness of the RabbitMQ driver, for the suites of all ports: one server for the whole spec file, a virtual host for each
 * case, and real time. Call it at the top of a spec file: it stops the server after the last test.
 */
export function rabbitHarness({
  name = 'rabbitmq',
  parameters = {},
  withinMs = 60_000,
}: RabbitHarnessOptions = {}): HarnessFactory {
  const server = new RabbitServer();
  let started: Promise<void> | undefined;
  afterAll(async () => await server.close());
  return {
    name,
    create: async () => {
      started ??= server.start();
      await started;
      return await RabbitHarness.create(server, parameters, withinMs);
    },
  };
}

class RabbitHarness implements Harness {
  readonly clock = new SystemClock();
  private readonly views = new Set<Driver>();
  private readonly drivers = new Set<RabbitDriver>();
  private names = 0;
  private first: Driver | undefined;

  private constructor(
    private readonly server: RabbitServer,
    private readonly vhost: RabbitVhost,
    private readonly parameters: Readonly<Record<string, string>>,
    private readonly withinMs: number,
  ) {}

  static async create(
    server: RabbitServer,
    parameters: Readonly<Record<string, string>>,
    withinMs: number,
  ): Promise<RabbitHarness> {
    const harness = new RabbitHarness(server, await server.createVhost(), parameters, withinMs);
    harness.first = await harness.another();
    return harness;
  }

  get view(): Driver {
    assert.ok(this.first !== undefined);
    return this.first;
  }

  async another(): Promise<Driver> {
    const url = new URL(this.vhost.url);
    for (const [name, value] of Object.entries(this.parameters)) url.searchParams.set(name, value);
    const view = createDriver(url, { clock: this.clock, newId: randomUUID });
    this.drivers.add(view);
    this.views.add(view);
    const deadline = this.deadline();
    for (const port of portsOf(view)) await port.open({ deadline });
    return view;
  }

  async crash(view: Driver): Promise<void> {
    assert.ok(this.views.delete(view), 'no view of this harness');
    (view as RabbitDriver).destroy();
  }

  async loseClaims(): Promise<'lost'> {
    await this.server.closeConnections('the test takes back what is in hand');
    return 'lost';
  }

  async advance(ms: number): Promise<void> {
    await pause(ms + 5);
  }

  async quiet(): Promise<void> {
    await pause(quietMs);
  }

  async eventually(what: string, probe: () => boolean | Promise<boolean>): Promise<void> {
    await waitFor(probe, { withinMs: this.withinMs, what });
  }

  name(stem: string): string {
    this.names += 1;
    return `${stem}-${this.names}`;
  }

  deadline(): Deadline {
    return Deadline.in(this.clock, 60_000);
  }

  async dispose(): Promise<void> {
    const deadline = this.deadline();
    try {
      for (const view of this.views) {
        for (const port of portsOf(view)) await port.close({ deadline });
      }
      await waitFor(async () => (await this.server.connections(this.vhost.name)) === 0, {
        withinMs: this.withinMs,
        what: 'every connection of closed drivers to end',
      });
    } finally {
      for (const driver of this.drivers) driver.destroy();
      await this.server.deleteVhost(this.vhost.name);
    }
  }
}

const portsOf = ({ broker, results, ledger, inspector }: Driver) =>
  [broker, results, ledger, inspector].filter((port) => port !== undefined);

async function pause(ms: number): Promise<void> {
  // reason: real time, which only passes.
  await new Promise<void>((resolve) => setTimeout(resolve, ms));
}
