import type { Run } from '../run.js';

/** The runs of a pool, in no order; a Set would cost more to keep, and more to clean up. */
export class ActiveRuns {
  readonly all: Run[] = [];
  private idle: (() => void)[] = [];

  add(run: Run): void {
    run.place = this.all.length;
    this.all.push(run);
  }

  /** The last one takes its place. */
  remove(run: Run): void {
    const last = this.all.pop();
    if (last === undefined || last === run) return;
    this.all[run.place] = last;
    last.place = run.place;
  }

  /** Wakes who waits for the end of all, where that has come. */
  settle(): void {
    if (this.all.length > 0) return;
    const { idle } = this;
    this.idle = [];
    for (const resolve of idle) resolve();
  }

  /** Resolves when there is none. */
  async drained(): Promise<void> {
    if (this.all.length === 0) return;
    await new Promise<void>((resolve) => {
      this.idle.push(resolve);
    });
  }
}
