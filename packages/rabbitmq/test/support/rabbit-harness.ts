import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Harness, HarnessFactory } from '@lovage/conformance';
import { Deadline, type Driver, SystemClock } from '@lovage/core';
import { RabbitServer, type RabbitVhost, waitFor } from '@lovage/services';
import { createDriver, type RabbitDriver } from '../../src/index.js';

export interface RabbitHarnessOptions {
  /** For the name of the suite. Default `rabbitmq`. */
  readonly name?: string;
  /**
   * One virtual host for all cases, whose names differ. Default false: each case has its own, in which everything that delayed
   * messages need is declared again.
   */
  readonly shared?: boolean;
  /** Parameters of the URL. Default `delayQueueType=classic`. */
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
  shared = false,
  withinMs = 60_000,
}: RabbitHarnessOptions = {}): HarnessFactory {
  const server = new RabbitServer();
  let started: Promise<void> | undefined;
  let common: Promise<RabbitVhost> | undefined;
  let names = 0;
  afterAll(async () => await server.close());
  return {
    name,
    create: async () => {
      started ??= server.start();
      await started;
      if (shared) common ??= server.createVhost();
      const vhost = await (common ?? server.createVhost());
      return await RabbitHarness.create({
        server,
        vhost,
        keep: shared,
        parameters,
        withinMs,
        nextName: () => (names += 1),
      });
    },
  };
}

interface Scene {
  readonly server: RabbitServer;
  readonly vhost: RabbitVhost;
  /** The virtual host stays for the next case. */
  readonly keep: boolean;
  readonly parameters: Readonly<Record<string, string>>;
  readonly withinMs: number;
  readonly nextName: () => number;
}

class RabbitHarness implements Harness {
  readonly clock = new SystemClock();
  private readonly views = new Set<Driver>();
  private readonly drivers = new Set<RabbitDriver>();
  /** What nobody waited for. */
  readonly warnings: Error[] = [];
  private first: Driver | undefined;

  private constructor(private readonly scene: Scene) {}

  static async create(scene: Scene): Promise<RabbitHarness> {
    const harness = new RabbitHarness(scene);
    harness.first = await harness.another();
    return harness;
  }

  get view(): Driver {
    assert.ok(this.first !== undefined);
    return this.first;
  }

  async another(): Promise<Driver> {
    const url = new URL(this.scene.vhost.url);
    // Quorum queues for 32 levels of delay take a virtual host ten seconds; who tests those asks for them.
    const parameters = { delayQueueType: 'classic', ...this.scene.parameters };
    for (const [key, value] of Object.entries(parameters)) url.searchParams.set(key, value);
    const view = createDriver(url, {
      clock: this.clock,
      newId: randomUUID,
      onWarning: (warning) => this.warnings.push(warning),
    });
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

  async loseClaims(view: Driver): Promise<'lost'> {
    (view as RabbitDriver).cut();
    return 'lost';
  }

  async advance(ms: number): Promise<void> {
    // The server counts whole milliseconds, and not from the same moment.
    await pause(ms + 5);
  }

  async quiet(): Promise<void> {
    await pause(quietMs);
  }

  async eventually(what: string, probe: () => boolean | Promise<boolean>): Promise<void> {
    await waitFor(probe, { withinMs: this.scene.withinMs, what });
  }

  name(stem: string): string {
    return `${stem}-${this.scene.nextName()}`;
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
      await waitFor(async () => (await this.scene.server.connections(this.scene.vhost.name)) === 0, {
        withinMs: this.scene.withinMs,
        what: 'every connection of closed drivers to end',
      });
    } finally {
      for (const driver of this.drivers) driver.destroy();
      if (!this.scene.keep) await this.scene.server.deleteVhost(this.scene.vhost.name);
    }
  }
}

const portsOf = ({ broker, results, ledger, inspector }: Driver) =>
  [broker, results, ledger, inspector].filter((port) => port !== undefined);

async function pause(ms: number): Promise<void> {
  // reason: real time, which only passes.
  await new Promise<void>((resolve) => setTimeout(resolve, ms));
}
