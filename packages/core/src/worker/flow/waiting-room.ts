import type { Clock } from '../../clock/clock.js';

/**
 * Where runs wait a short time for flow control, holding a part of the prefetch but no slot of the pool. Its size leaves the larger part
 * of the prefetch to tasks that may begin.
 */
export class WaitingRoom {
  private inside = 0;

  /**
   * @param size most runs that stay
   * @param longestMs longest stay
   */
  constructor(
    readonly clock: Clock,
    readonly size: number,
    readonly longestMs: number,
  ) {}

  /** Those who have just come and not been answered yet are counted, too. */
  get count(): number {
    return this.inside;
  }

  enter(): void {
    this.inside += 1;
  }

  leave(): void {
    this.inside -= 1;
  }
}
