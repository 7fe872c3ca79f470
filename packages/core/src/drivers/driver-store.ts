import type { Clock } from '../clock/clock.js';
import type { Deadline } from '../clock/deadline.js';
import { DEADLINE_PASSED } from '../errors/lifecycle-errors.js';
import type { DriverContext } from '../ports/driver.js';
import { OutageWatch } from './outage-watch.js';
import { WarningFilter } from './warning-filter.js';

/** What the ports of one driver share, such as a connection. Opened by the first of them, ended by the last. */
export abstract class DriverStore {
  readonly clock: Clock;
  readonly newId: () => string;
  /** Shown in errors; without user and password. */
  abstract readonly address: string;
  /** For all connections to the store: told of attempts that fail, and of those that succeed. */
  readonly outage: OutageWatch;
  private readonly warnings: WarningFilter;
  private users = 0;
  /** Those of them that still want it. */
  private readonly wanting = new Set<object>();
  private opening: Promise<void> | undefined;

  constructor(context: DriverContext) {
    this.clock = context.clock;
    this.newId = context.newId;
    this.warnings = new WarningFilter(context.clock, (warning) => context.onWarning?.(warning));
    this.outage = new OutageWatch({
      clock: context.clock,
      address: () => this.address,
      warn: (warning) => this.warn(warning),
    });
  }

  /** Tells something that nobody waits for, and that an operator may want to know; the same at most once a minute. */
  warn(warning: unknown): void {
    this.warnings.warn(warning);
  }

  /**
   * After a failure the next user tries again.
   *
   * @param user for `leave` and `release`
   * @throws LOVAGE_DEADLINE_PASSED, and what opening throws
   */
  async acquire(deadline: Deadline, user: object = {}): Promise<void> {
    this.users += 1;
    this.wanting.add(user);
    this.opening ??= this.open(deadline);
    try {
      await this.opening;
    } catch (error) {
      this.opening = undefined;
      await this.release(user, deadline);
      throw error;
    }
  }

  /** A user does not want any more what he still waits for. When nobody does it is given up. */
  leave(user: object): void {
    if (this.wanting.delete(user) && this.wanting.size === 0) this.giveUp();
  }

  /** The last user's release ends what is shared; it may be acquired again. */
  async release(user: object, deadline: Deadline): Promise<void> {
    this.users -= 1;
    this.wanting.delete(user);
    if (this.users > 0) return;
    this.opening = undefined;
    this.wanting.clear();
    await this.end(deadline);
  }

  /** Makes what is shared ready for use. */
  protected abstract begin(deadline: Deadline): Promise<void>;

  /** Nobody waits for `begin` any more: it is to fail at once. */
  protected abstract giveUp(): void;

  /** Puts something new in the place of what is shared, before anything else, and closes what was there. */
  protected abstract end(deadline: Deadline): Promise<void>;

  private async open(deadline: Deadline): Promise<void> {
    if (deadline.passed) throw DEADLINE_PASSED.create({ operation: `open of ${this.address}`, afterMs: 0 });
    await this.begin(deadline);
  }
}
