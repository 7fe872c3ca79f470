import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Harness, HarnessFactory } from '@lovage/conformance';
import { Deadline, type Driver, SystemClock } from '@lovage/core';
import { waitFor } from '@lovage/services';
import { createDriver, type RedisDriver } from '../../src/index.js';
import type { RedisTopology } from './redis-topology.js';
import { SingleServer } from './single-server.js';

export interface RedisHarnessOptions {
  /** Default: one server. */
  readonly topology?: RedisTopology;
  /** What a dead process had comes back after this time. Short, so that cases need not wait long. Default `1s`. */
  readonly lease?: string;
  /** Longest wait for a condition in milliseconds; spent only by a case that fails. Default 30,000. */
  readonly withinMs?: number;
}

/** What is under way on this machine has happened after this time. */
const quietMs = 100;

/**
 * The harness of the Redis driver, for the suites of all ports: servers of its own for the whole spec file, emptied before each
 * case, and real time. Call it at the top of a spec file: it stops the servers after the last test.
 */
export function redisHarness({
  topology = new SingleServer(),
  lease = '1s',
  withinMs = 30_000,
}: RedisHarnessOptions = {}): HarnessFactory {
  let started: Promise<void> | undefined;
  afterAll(async () => await topology.close());
  return {
    name: topology.name,
    create: async () => {
      started ??= topology.start();
      await started;
      await topology.flush();
      return await RedisHarness.create(topology, lease, withinMs);
    },
  };
}

class RedisHarness implements Harness {
  readonly clock = new SystemClock();
  /** Open views, and the word with which all names begin that each has made. */
  private readonly views = new Map<Driver, string>();
  private readonly drivers = new Set<RedisDriver>();
  private names = 0;
  private first: Driver | undefined;

  private constructor(
    private readonly topology: RedisTopology,
    private readonly lease: string,
    private readonly withinMs: number,
  ) {}

  static async create(topology: RedisTopology, lease: string, withinMs: number): Promise<RedisHarness> {
    const harness = new RedisHarness(topology, lease, withinMs);
    harness.first = await harness.another();
    return harness;
  }

  get view(): Driver {
    assert.ok(this.first !== undefined);
    return this.first;
  }

  async another(): Promise<Driver> {
    const url = new URL(this.topology.url);
    url.searchParams.set('lease', this.lease);
    if (this.topology.keyPrefix !== '') url.searchParams.set('keyPrefix', this.topology.keyPrefix);
    const stem = `view${this.drivers.size}`;
    const view = createDriver(url, { clock: this.clock, newId: () => `${stem}-${randomUUID()}` });
    this.drivers.add(view);
    this.views.set(view, stem);
    const deadline = this.deadline();
    for (const port of portsOf(view)) await port.open({ deadline });
    return view;
  }

  async crash(view: Driver): Promise<void> {
    assert.ok(this.views.delete(view), 'no view of this harness');
    (view as RedisDriver).destroy();
  }

  async loseClaims(view: Driver): Promise<'lost'> {
    const leases = `${this.topology.keyPrefix}lovage:leases`;
    const owners = await this.topology.command('ZRANGE', leases, 0, -1);
    const stem = this.views.get(view);
    assert.ok(stem !== undefined && Array.isArray(owners));
    for (const owner of owners.map(String)) {
      if (owner.startsWith(`${stem}-`)) await this.topology.command('ZADD', leases, 'XX', 0, owner);
    }
    return 'lost';
  }

  async advance(ms: number): Promise<void> {
    // Servers count whole milliseconds, and not from the same moment.
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
      for (const view of this.views.keys()) {
        for (const port of portsOf(view)) await port.close({ deadline });
      }
      await waitFor(async () => (await this.connectionsLeft()).length === 0, {
        withinMs: this.withinMs,
        what: 'every connection of closed drivers to end',
      });
    } finally {
      for (const driver of this.drivers) driver.destroy();
    }
  }

  private async connectionsLeft(): Promise<readonly string[]> {
    return (await this.topology.connectionNames()).filter((name) => name.startsWith('lovage-'));
  }
}

const portsOf = ({ broker, results, ledger, inspector }: Driver) =>
  [broker, results, ledger, inspector].filter((port) => port !== undefined);

async function pause(ms: number): Promise<void> {
  // reason: real time, which only passes.
  await new Promise<void>((resolve) => setTimeout(resolve, ms));
}
