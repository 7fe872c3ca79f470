import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { calm, type DirectionConditions } from './direction-conditions.js';

interface Item {
  /** Bytes to write, or something to do when all before it is written. */
  readonly what: Buffer | (() => void);
  /** On the monotonic clock. */
  readonly dueAtMs: number;
}

/** Nothing more is read from the source while so much waits: what a sender feels is then TCP's own back pressure. */
const highWaterBytes = 1024 * 1024;

/** Carries bytes one way, under the conditions of the day. */
export class Pump {
  /** Whether something was lost, so that what comes later makes no sense to the target. */
  damaged = false;

  private readonly queue: Item[] = [];
  private readonly closing = new AbortController();
  private conditions = calm;
  private queuedBytes = 0;
  private lastDueAtMs = 0;
  private running = false;
  private wake: () => void = () => undefined;

  constructor(
    private readonly source: Socket,
    private readonly target: Socket,
    private readonly random: () => number,
  ) {
    target.once('close', () => this.close());
  }

  /** Takes effect at once, also on what waits. */
  impose(conditions: DirectionConditions): void {
    this.conditions = conditions;
    this.throttle();
    this.wake();
  }

  /** Whether what goes in now is lost. */
  get swallows(): boolean {
    return this.conditions.flow === 'swallow';
  }

  /** Bytes that go on; or something to do when all before it has gone. */
  add(what: Buffer | (() => void)): void {
    if (this.closing.signal.aborted) return;
    const { delayMs, jitterMs } = this.conditions;
    // No byte overtakes another.
    this.lastDueAtMs = Math.max(this.lastDueAtMs, performance.now() + delayMs + jitterMs * this.random());
    this.queue.push({ what, dueAtMs: this.lastDueAtMs });
    this.queuedBytes += typeof what === 'function' ? 0 : what.length;
    this.throttle();
    if (!this.running) void this.run();
  }

  close(): void {
    this.closing.abort();
    this.queue.length = 0;
    this.wake();
  }

  private async run(): Promise<void> {
    this.running = true;
    for (let item = this.queue.shift(); item !== undefined; item = this.queue.shift()) {
      await this.waitFor(item.dueAtMs);
      if (this.closing.signal.aborted) break;
      if (this.swallows) this.damaged = true;
      else if (typeof item.what === 'function') item.what();
      else await this.write(item.what);
      this.queuedBytes -= typeof item.what === 'function' ? 0 : item.what.length;
      this.throttle();
    }
    this.running = false;
  }

  private async waitFor(dueAtMs: number): Promise<void> {
    const { signal } = this.closing;
    const leftMs = dueAtMs - performance.now();
    // Aborted: the caller sees that.
    if (leftMs > 0) await pause(leftMs, undefined, { signal }).catch(() => undefined);
    while (this.conditions.flow === 'hold' && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  private async write(bytes: Buffer): Promise<void> {
    const { signal } = this.closing;
    const { fragmentBytes } = this.conditions;
    for (let from = 0; from < bytes.length && !signal.aborted; from += fragmentBytes) {
      const written = this.target.write(bytes.subarray(from, from + fragmentBytes));
      if (!written) await once(this.target, 'drain', { signal }).catch(() => undefined);
      if (fragmentBytes < bytes.length) await nextTurn();
    }
  }

  private throttle(): void {
    if (this.conditions.flow === 'hold' || this.queuedBytes > highWaterBytes) this.source.pause();
    else this.source.resume();
  }
}
