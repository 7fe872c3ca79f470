import { randomUUID } from 'node:crypto';
import { Deadline, type DriverContext, SystemClock } from '@lovage/core';
import { createDriver, type RedisDriver } from '../../src/index.js';
import { readUrl } from '../../src/connection/read-url.js';
import { RedisStore } from '../../src/redis-store.js';

/** Drivers and stores of one spec on real servers; everything is closed by `close`. */
export class RedisViews {
  readonly clock = new SystemClock();
  readonly warnings: Error[] = [];
  private readonly context: DriverContext = {
    clock: this.clock,
    newId: randomUUID,
    onWarning: (warning) => this.warnings.push(warning),
  };
  private readonly closers: (() => void)[] = [];

  deadline(ms = 20_000): Deadline {
    return Deadline.in(this.clock, ms);
  }

  /** A driver whose ports nobody has opened. */
  driver(url: string): RedisDriver {
    const driver = createDriver(new URL(url), this.context);
    this.closers.push(() => driver.destroy());
    return driver;
  }

  /** A driver whose ports are open. */
  async open(url: string): Promise<RedisDriver> {
    const driver = this.driver(url);
    const deadline = this.deadline();
    for (const port of [driver.broker, driver.results, driver.ledger, driver.inspector])
      await port?.open({ deadline });
    return driver;
  }

  /** A store without ports, to run scripts on. */
  async store(url: string): Promise<RedisStore> {
    const store = new RedisStore(readUrl(new URL(url)), this.context);
    this.closers.push(() => store.destroy());
    await store.acquire(this.deadline());
    return store;
  }

  close(): void {
    for (const close of this.closers.splice(0)) close();
  }
}
