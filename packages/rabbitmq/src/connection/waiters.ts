import type { Deadline } from '@lovage/core';

const nothing = (): void => undefined;

/** Those who wait for one thing to happen. */
export class Waiters {
  private readonly wakers = new Set<() => void>();

  get some(): boolean {
    return this.wakers.size > 0;
  }

  /** Whether it happened before the deadline. */
  async wait(deadline: Deadline): Promise<boolean> {
    let wake = nothing;
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    this.wakers.add(wake);
    const inTime = await deadline.within(woken);
    this.wakers.delete(wake);
    return inTime;
  }

  /** It has happened. */
  wakeAll(): void {
    const wakers = [...this.wakers];
    this.wakers.clear();
    for (const wake of wakers) wake();
  }
}
