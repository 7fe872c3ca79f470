/** Pause before the second attempt, in milliseconds; each further one waits twice as long. */
const firstPauseMs = 250;
const longestPauseMs = 30_000;
const manyFailures = 3;

/**
 * How long to wait before the next child is made. No time at all where children work; longer and longer while they can not be
 * made, or end before they have ended a task.
 */
export class BootBackoff {
  private failures = 0;
  private told = false;

  /** Milliseconds. */
  get pauseMs(): number {
    return this.failures === 0 ? 0 : Math.min(longestPauseMs, firstPauseMs * 2 ** (this.failures - 1));
  }

  /** It has failed so often that the next child will hardly do better. */
  get hopeless(): boolean {
    return this.failures >= manyFailures;
  }

  /** A child could be made. */
  booted(): void {
    this.told = false;
  }

  /** A child has ended a task. */
  worked(): void {
    this.failures = 0;
  }

  /** A child has ended by itself before it has ended a task. */
  died(): void {
    this.failures = Math.min(this.failures + 1, 30);
  }

  /** @returns whether an operator has not heard of it yet */
  failed(): boolean {
    this.died();
    const isFirst = !this.told;
    this.told = true;
    return isFirst;
  }
}
