import { callListener, type Clock, encodedLength, mayReplace, type StoredResult } from '@lovage/core';

/** Records that are kept for those who ask later; Celery keeps as many messages of which nobody has asked. */
const mostKept = 10_000;
const mostBytes = 64 * 1024 * 1024;

/** Told the records of some ids. */
export interface HeardWatch {
  tell(result: StoredResult): void;
}

/** The latest record of each task, as far as this process has heard of it. The oldest go first. */
export class HeardResults {
  private readonly latest = new Map<string, StoredResult>();
  private readonly watches = new Map<string, Set<HeardWatch>>();
  private bytes = 0;

  constructor(private readonly clock: Clock) {}

  get(taskId: string): StoredResult | undefined {
    return this.latest.get(taskId);
  }

  /** Messages of two workers may come in any order: what is over does not begin again. */
  hear(result: StoredResult): void {
    const { taskId } = result;
    const before = this.latest.get(taskId);
    if (before !== undefined && !mayReplace(before.state, result.state)) return;
    this.forget(taskId);
    this.latest.set(taskId, result);
    this.bytes += encodedLength(result.document);
    for (const oldest of this.latest.keys()) {
      if (this.latest.size <= mostKept && this.bytes <= mostBytes) break;
      if (oldest !== taskId) this.forget(oldest);
    }
    for (const watch of this.watches.get(taskId) ?? []) this.tell(watch, result);
  }

  forget(taskId: string): void {
    const before = this.latest.get(taskId);
    if (before === undefined) return;
    this.bytes -= encodedLength(before.document);
    this.latest.delete(taskId);
  }

  watch(taskId: string, watch: HeardWatch): void {
    const present = this.watches.get(taskId);
    if (present === undefined) this.watches.set(taskId, new Set([watch]));
    else present.add(watch);
  }

  unwatch(taskId: string, watch: HeardWatch): void {
    const present = this.watches.get(taskId);
    if (present?.delete(watch) === true && present.size === 0) this.watches.delete(taskId);
  }

  clear(): void {
    this.latest.clear();
    this.watches.clear();
    this.bytes = 0;
  }

  private tell(watch: HeardWatch, result: StoredResult): void {
    callListener(this.clock, () => watch.tell(result));
  }
}
