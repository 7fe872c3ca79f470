import type { Clock, MonoMs } from '../clock/clock.js';
import { STORE_WARNING } from '../errors/store-errors.js';

export interface OutageWatchOptions {
  readonly clock: Clock;
  readonly address: () => string;
  readonly warn: (warning: Error) => void;
}

/** Breaks that are shorter are no news: a connection that was cut is there again in no time. */
const newsMs = 2000;

/** Tells an operator that a server can not be reached, and that it can again; once for all connections to it. */
export class OutageWatch {
  private since: MonoMs | undefined;
  private told = false;

  constructor(private readonly options: OutageWatchOptions) {}

  /** An attempt to connect has failed; another will follow. */
  failed(problem: string): void {
    const now = this.options.clock.monoNow();
    this.since ??= now;
    if (this.told || now - this.since < newsMs) return;
    this.told = true;
    this.warn(
      `it can not be reached (${problem})`,
      'It is tried again and again; work goes on by itself then. Check that the server runs and can be reached from here.',
    );
  }

  /** There is a connection. */
  over(): void {
    const { since, told } = this;
    this.since = undefined;
    this.told = false;
    if (since === undefined || !told) return;
    const seconds = Math.round((this.options.clock.monoNow() - since) / 1000);
    this.warn(`it can be reached again, after ${seconds} s`, 'Work goes on.');
  }

  private warn(found: string, advice: string): void {
    const { address, warn } = this.options;
    warn(STORE_WARNING.create({ address: address(), found, advice }));
  }
}
