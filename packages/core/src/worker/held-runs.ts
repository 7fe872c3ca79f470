import type { Delivery } from '../ports/consumer.js';
import type { Hold } from './hold.js';
import type { Run } from './run.js';

/** Runs that wait for something other than a slot, and those of them that have been woken. */
export class HeldRuns {
  private readonly held = new Map<Run, () => void>();
  private woken: Run[] = [];
  /** Runs for which slots are kept. */
  private readonly promised = new Set<Run>();

  /** @param onWoken told in the turn of the waking */
  constructor(private readonly onWoken: () => void) {}

  get length(): number {
    return this.held.size + this.woken.length;
  }

  /** Whether one can be taken. */
  get ready(): boolean {
    return this.woken.length > 0;
  }

  /** Slots that are kept for them: nobody else may have these. */
  get slots(): number {
    return this.promised.size;
  }

  hold(run: Run, { wait, takesSlot }: Hold): void {
    if (takesSlot === true) this.promised.add(run);
    const cancel = wait(() => {
      if (!this.held.delete(run)) return;
      this.woken.push(run);
      this.onWoken();
    });
    this.held.set(run, cancel);
  }

  /** The one that was woken first. */
  take(): Run | undefined {
    const run = this.woken.shift();
    if (run !== undefined) this.promised.delete(run);
    return run;
  }

  /** Of those for which slots are kept, the one that was woken first. */
  takePromised(): Run | undefined {
    const at = this.woken.findIndex((run) => this.promised.has(run));
    const [run] = at === -1 ? [] : this.woken.splice(at, 1);
    if (run !== undefined) this.promised.delete(run);
    return run;
  }

  takeAll(): readonly Run[] {
    const all = [...this.held.keys(), ...this.woken];
    for (const cancel of this.held.values()) cancel();
    this.held.clear();
    this.woken = [];
    this.promised.clear();
    return all;
  }

  /** Gives those that were here: they may have taken something on their way. */
  drop(lost: ReadonlySet<Delivery>): readonly Run[] {
    const dropped = this.woken.filter((run) => lost.has(run.delivery));
    this.woken = this.woken.filter((run) => !lost.has(run.delivery));
    for (const [run, cancel] of this.held) {
      if (!lost.has(run.delivery)) continue;
      this.held.delete(run);
      dropped.push(run);
      cancel();
    }
    for (const run of dropped) this.promised.delete(run);
    return dropped;
  }
}
