import type { Delivery } from '../ports/consumer.js';
import type { Hold } from './hold.js';
import type { Run } from './run.js';

/** Runs that wait for something other than a slot, and those of them that have been woken. */
export class HeldRuns {
  private readonly held = new Map<Run, () => void>();
  private woken: Run[] = [];

  /** @param onWoken told in the turn of the waking */
  constructor(private readonly onWoken: () => void) {}

  get length(): number {
    return this.held.size + this.woken.length;
  }

  /** Whether one can be taken. */
  get ready(): boolean {
    return this.woken.length > 0;
  }

  hold(run: Run, { wait }: Hold): void {
    const cancel = wait(() => {
      if (!this.held.delete(run)) return;
      this.woken.push(run);
      this.onWoken();
    });
    this.held.set(run, cancel);
  }

  /** The one that was woken first. */
  take(): Run | undefined {
    return this.woken.shift();
  }

  takeAll(): readonly Run[] {
    const all = [...this.held.keys(), ...this.woken];
    for (const cancel of this.held.values()) cancel();
    this.held.clear();
    this.woken = [];
    return all;
  }

  /** Gives those that had been woken. */
  drop(lost: ReadonlySet<Delivery>): readonly Run[] {
    for (const [run, cancel] of this.held) {
      if (!lost.has(run.delivery)) continue;
      this.held.delete(run);
      cancel();
    }
    const woken = this.woken.filter((run) => lost.has(run.delivery));
    this.woken = this.woken.filter((run) => !lost.has(run.delivery));
    return woken;
  }
}
