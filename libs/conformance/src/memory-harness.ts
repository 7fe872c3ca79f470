import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createMemoryDriver, Deadline, type Driver, VirtualClock } from '@lovage/core';
import type { Harness, HarnessFactory } from './harness.js';

/** Rounds that a probe is given; each lets everything happen that needs no time. */
const mostRounds = 2000;

/** The harness of the memory driver: a named store in this process, and time that moves only when a case moves it. */
export function memoryHarness(): HarnessFactory {
  return { name: 'memory', create: async () => await MemoryHarness.create() };
}

class MemoryHarness implements Harness {
  readonly clock = new VirtualClock();
  private readonly url = new URL(`memory://conformance-${randomUUID()}`);
  private readonly views = new Set<Driver>();
  private names = 0;
  private first: Driver | undefined;

  static async create(): Promise<MemoryHarness> {
    const harness = new MemoryHarness();
    harness.first = await harness.another();
    return harness;
  }

  get view(): Driver {
    assert.ok(this.first !== undefined);
    return this.first;
  }

  async another(): Promise<Driver> {
    const view = createMemoryDriver(this.url, { clock: this.clock, newId: randomUUID });
    const deadline = this.deadline();
    for (const port of [view.broker, view.results, view.ledger, view.inspector])
      await port.open({ deadline });
    this.views.add(view);
    return view;
  }

  /** What a process had in hand is known to be free at once: seen from the store, its end and its closing are the same. */
  async crash(view: Driver): Promise<void> {
    await this.end(view);
  }

  async loseClaims(): Promise<'impossible'> {
    return 'impossible';
  }

  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
  }

  async quiet(): Promise<void> {
    await this.clock.settle();
    await this.clock.settle();
  }

  async eventually(what: string, probe: () => boolean | Promise<boolean>): Promise<void> {
    for (let round = 0; round < mostRounds; round += 1) {
      if (await probe()) return;
      await this.clock.settle();
    }
    assert.fail(what);
  }

  name(stem: string): string {
    this.names += 1;
    return `${stem}-${this.names}`;
  }

  deadline(): Deadline {
    return Deadline.in(this.clock, 86_400_000);
  }

  async dispose(): Promise<void> {
    for (const view of this.views) await this.end(view);
    await this.quiet();
    assert.equal(this.clock.pending, 0, 'a timer is left after everything was closed');
  }

  private async end(view: Driver): Promise<void> {
    this.views.delete(view);
    const deadline = this.deadline();
    for (const port of [view.broker, view.results, view.ledger, view.inspector])
      await port?.close({ deadline });
  }
}
