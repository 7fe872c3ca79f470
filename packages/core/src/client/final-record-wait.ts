import type { Timer } from '../clock/clock.js';
import { RESULT_TIMEOUT } from '../errors/client-errors.js';
import type { ResultRecord } from '../message/result-record.js';
import { TaskState } from '../message/task-state.js';
import type { StoredResult } from '../ports/stored-result.js';
import { isOver } from '../message/is-over.js';
import type { ResultAccess } from './result-access.js';
import type { ResultFollower } from './result-follower.js';

/** Waits for the record of the end of one task. A class and not closures, since one is made for every result that is read. */
export class FinalRecordWait implements ResultFollower {
  private state: string = TaskState.PENDING;
  private timer: Timer | undefined;
  private unlisten: (() => void) | undefined;
  /** Ends what looks beside it. */
  unwatch: (() => void) | undefined;

  constructor(
    readonly taskId: string,
    private readonly access: ResultAccess,
    private readonly resolve: (record: ResultRecord) => void,
    private readonly reject: (error: unknown) => void,
  ) {}

  begin(timeoutMs: number | undefined, signal: AbortSignal | undefined): void {
    if (timeoutMs !== undefined) {
      this.timer = this.access.clock.after(timeoutMs, () => {
        this.onError(RESULT_TIMEOUT.create({ taskId: this.taskId, state: this.state, afterMs: timeoutMs }));
      });
    }
    if (signal !== undefined) {
      const onAbort = (): void => this.onError(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      this.unlisten = () => signal.removeEventListener('abort', onAbort);
    }
    this.access.follow(this);
  }

  onRecord(stored: StoredResult | undefined): void {
    if (stored === undefined) return;
    this.state = stored.state;
    if (!isOver(stored.state)) return;
    this.end();
    try {
      this.resolve(this.access.decode(stored));
    } catch (error) {
      this.reject(error);
    }
  }

  onError(error: unknown): void {
    this.end();
    this.reject(error);
  }

  private end(): void {
    this.unwatch?.();
    this.access.unfollow(this);
    this.timer?.cancel();
    this.unlisten?.();
  }
}
