import { type Clock, type MonoMs, STORE_WARNING, type Timer } from '@lovage/core';

/** A delivery in hand. */
export interface Held {
  readonly queue: string;
  /** When it was handed out. */
  readonly since: MonoMs;
}

export interface PatienceOptions {
  readonly clock: Clock;
  readonly address: string;
  /** What the server has as `consumer_timeout`. */
  readonly timeoutMs: number;
  /** Of those in hand, the one that was handed out first. */
  readonly oldest: () => Held | undefined;
  readonly warn: (warning: Error) => void;
}

/** Share of the server's patience after which an operator is told. */
const share = 0.8;

/**
 * Tells an operator before the server loses its patience with a delivery that is not acknowledged: it closes the channel then, and
 * everything in hand is delivered again. What the server has can not be asked by AMQP; the URL says it.
 */
export class Patience {
  private timer: Timer | undefined;
  private ended = false;

  constructor(private readonly options: PatienceOptions) {}

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

  private look(watched: Held): void {
    const { oldest, timeoutMs, address, warn } = this.options;
    if (oldest() !== watched) {
      this.watch();
      return;
    }
    warn(
      STORE_WARNING.create({
        address,
        found:
          `a message of the queue "${watched.queue}" has been in hand for ${share * 100} % of the ` +
          `${timeoutMs / 1000} s for which the server waits for its acknowledgement`,
        advice:
          'The server closes the channel then, and delivers everything in hand once more. Raise consumer_timeout in rabbitmq.conf ' +
          'above the longest task, and say so in the URL (?consumerTimeout=…).',
      }),
    );
    // Once for each time that it comes so far: the next to be watched is another one.
    this.timer = this.options.clock.after(timeoutMs * share, () => {
      this.timer = undefined;
      this.watch();
    });
  }
}
