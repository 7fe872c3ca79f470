import type { Clock, Timer } from '../clock/clock.js';
import { durationMs } from '../clock/duration.js';
import type { TaskMessage } from '../message/task-message.js';
import type { TaskOptions } from '../task/task-options.js';

/** Limits of a run in milliseconds; `undefined`: none. */
export interface TimeLimits {
  readonly hardMs: number | undefined;
  readonly softMs: number | undefined;
}

const second = 1000;

/** Limits of the runs of a task whose message says nothing: those of the task, else of its worker. `undefined` where there are none. */
export function usualLimitsOf(options: TaskOptions, worker: TimeLimits): TimeLimits | undefined {
  return limitsOf(
    spanMs(options.timeLimit, 'timeLimit') ?? worker.hardMs,
    spanMs(options.softTimeLimit, 'softTimeLimit') ?? worker.softMs,
  );
}

/** Limits of a run: those of its message, else the usual ones of its task. */
export function timeLimitsOf(
  { timeLimit, softTimeLimit }: TaskMessage,
  usual: TimeLimits | undefined,
): TimeLimits | undefined {
  if (timeLimit === undefined && softTimeLimit === undefined) return usual;
  return limitsOf(
    timeLimit === undefined ? usual?.hardMs : timeLimit * second,
    softTimeLimit === undefined ? usual?.softMs : softTimeLimit * second,
  );
}

const limitsOf = (hardMs: number | undefined, softMs: number | undefined): TimeLimits | undefined =>
  hardMs === undefined && softMs === undefined ? undefined : { hardMs, softMs };

const spanMs = (span: TaskOptions['timeLimit'], option: string): number | undefined =>
  span === undefined ? undefined : durationMs(span, option);

export interface LimitListeners {
  readonly onSoft: (limitMs: number) => void;
  readonly onHard: (limitMs: number) => void;
}

/** Watches the time of one run, from now on. */
export class LimitWatch {
  private timers: readonly Timer[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly limits: TimeLimits,
    private readonly listeners: LimitListeners,
  ) {
    this.restart();
  }

  /** The run begins only now: time in which it waited for a child of its pool does not count. */
  restart(): void {
    this.cancel();
    const { hardMs, softMs } = this.limits;
    const { onSoft, onHard } = this.listeners;
    this.timers = [
      ...(softMs === undefined ? [] : [this.clock.after(softMs, () => onSoft(softMs))]),
      ...(hardMs === undefined ? [] : [this.clock.after(hardMs, () => onHard(hardMs))]),
    ];
  }

  /** The run has ended, or waits. */
  cancel(): void {
    for (const timer of this.timers) timer.cancel();
  }
}
