import type { Clock, MonoMs, Timer } from '@lovage/core';

/** A delivery in hand. */
export interface Held {
  /** When it was handed out. */
  readonly since: MonoMs;
}

export interface PatienceOptions<Delivery extends Held> {
  readonly clock: Clock;
  /** What the server has as `consumer_timeout`. */
  readonly timeoutMs: number;
  /** Of those in hand of which was not told yet, the one that was handed out first. */
  readonly oldest: () => Delivery | undefined;
  readonly onLong: (delivery: Delivery) => void;
}

/** Share of the server's patience after which it is told. */
const share = 0.8;

/**
 * Tells when the server is about to lose its patience with a delivery that is not acknowledged: it would close the channel, and deliver
 * everything in hand once more. What the server has can not be asked by AMQP; the URL says it.
 */
export class Patience<Delivery extends Held> {
  private timer: Timer | undefined;
  private ended = false;

  constructor(private readonly options: PatienceOptions<Delivery>) {}

  /** Something is in hand. */
  watch(): void {
    if (this.timer !== undefined || this.ended) return;
    const { clock, oldest, timeoutMs } = this.options;
    const first = oldest();
    if (first === undefined) return;
    const leftMs = timeoutMs * share - (clock.monoNow() - first.since);
    this.timer = clock.after(Math.max(leftMs, 0), () => {
      this.timer = undefined;
      this.look(first);
    });
  }

  close(): void {
    this.ended = true;
    this.timer?.cancel();
  }

  private look(watched: Delivery): void {
    const { oldest, onLong } = this.options;
    if (oldest() === watched) onLong(watched);
    this.watch();
  }
}
