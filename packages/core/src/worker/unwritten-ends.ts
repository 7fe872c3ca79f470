import type { Clock, MonoMs, Timer } from '../clock/clock.js';
import { STORE_UNREACHABLE } from '../errors/store-errors.js';
import type { Delivery } from '../ports/consumer.js';
import type { Run } from './run.js';
import type { Settler } from './settler.js';

/** Between two rounds. A call to a store that is away waits for it besides. */
const pauseMs = 1000;
/** Below the time for which RabbitMQ waits for an acknowledgement (30 minutes): after that the message goes back. */
const insistForMs = 15 * 60_000;
/**
 * Ends that are kept. Those with a message take up room in the prefetch, so that no more come than that; those whose message is gone already
 * have no other bound.
 */
const mostKept = 1000;
/** How long a delivery stays here that is given up. */
const givenUpMs = 5000;

interface UnwrittenEnd {
  readonly since: MonoMs;
  readonly write: () => void;
  /** While it is tried: told how that went. */
  tried: ((how: 'over' | 'failed' | 'away') => void) | undefined;
}

/**
 * Ends of runs that could not be written, because a store was away for longer than all attempts took. The work is done, so that
 * only the writing is to be repeated: one after the other, so that one which can never be written spoils no other, until it is
 * written, or its delivery is lost, or the worker stops, or the patience ends.
 */
export class UnwrittenEnds {
  private readonly ends = new Map<Run, UnwrittenEnd>();
  private timer: Timer | undefined;
  private going = false;
  private closed = false;

  /** Of deliveries that go back. */
  private readonly givenUp = new Set<Timer>();

  constructor(
    private readonly clock: Clock,
    private readonly settler: Settler,
  ) {}

  /** Whether there is none. */
  get empty(): boolean {
    return this.ends.size === 0;
  }

  /** Whether this one has been tried before. */
  keeps(run: Run): boolean {
    return this.ends.has(run);
  }

  /**
   * @param write tries once more; then comes `keep` again, or `over`
   * @returns `given up`: the message must go back, since others may be able to write
   */
  keep(run: Run, error: unknown, write: () => void): 'kept' | 'kept on' | 'given up' {
    const present = this.ends.get(run);
    const since = present?.since ?? this.clock.monoNow();
    const isOver =
      this.closed ||
      run.abandoned ||
      this.clock.monoNow() - since >= insistForMs ||
      (present === undefined && this.ends.size >= mostKept);
    if (isOver) this.ends.delete(run);
    else this.ends.set(run, { since, write, tried: undefined });
    present?.tried?.(STORE_UNREACHABLE.is(error) ? 'away' : 'failed');
    this.wait();
    if (isOver) return 'given up';
    return present === undefined ? 'kept' : 'kept on';
  }

  /** It is written, or has been refused. */
  over(run: Run): void {
    const end = this.ends.get(run);
    this.ends.delete(run);
    end?.tried?.('over');
  }

  /** Gives the runs of those that are no longer ours. One that is being tried learns of it by that. */
  lose(lost: ReadonlySet<Delivery>): readonly Run[] {
    const runs = [...this.ends].filter(([run, { tried }]) => tried === undefined && lost.has(run.delivery));
    for (const [run] of runs) this.ends.delete(run);
    return runs.map(([run]) => run);
  }

  /**
   * It can not be settled here, and is still ours: nobody else would ever get it. It keeps its place for some time, so that a
   * store that is away is not asked by ever more runs, and then goes back.
   */
  giveUp(delivery: Delivery): void {
    if (this.closed) return;
    const timer = this.clock.after(givenUpMs, () => {
      this.givenUp.delete(timer);
      const verb = { kind: 'release' } as const;
      this.settler.push({ delivery, verb, results: [], publishes: [], joins: [] }, noNews);
    });
    this.givenUp.add(timer);
  }

  /** Tries all at once, for the last time: the worker stops. */
  close(): void {
    this.stop();
    for (const { tried, write } of this.ends.values()) if (tried === undefined) write();
  }

  /** Leaves the rest to whoever closes the consumer: so it goes back. */
  stop(): void {
    this.closed = true;
    this.timer?.cancel();
    for (const timer of this.givenUp) timer.cancel();
    this.givenUp.clear();
  }

  private wait(): void {
    if (this.going || this.closed || this.ends.size === 0 || this.timer !== undefined) return;
    this.timer = this.clock.after(pauseMs, () => {
      this.timer = undefined;
      void this.round();
    });
  }

  private async round(): Promise<void> {
    this.going = true;
    for (const [run, end] of this.ends) {
      if (this.closed) break;
      // Written, or lost, while others were tried.
      if (this.ends.get(run) !== end) continue;
      const how = await new Promise<'over' | 'failed' | 'away'>((resolve) => {
        end.tried = resolve;
        end.write();
      });
      if (how === 'away') break;
    }
    this.going = false;
    this.wait();
  }
}

/** What can not even go back is told as lost when its connection or its lease ends. */
const noNews = (): void => undefined;
