import type { Deadline } from '../clock/deadline.js';
import { DEADLINE_PASSED } from '../errors/lifecycle-errors.js';
import { STORE_CLOSED } from '../errors/store-errors.js';
import type { DriverStore } from './driver-store.js';

/** Life of one port: new, open, closed. Only an open one reaches the store. */
export class StoreSession<Store extends DriverStore> {
  private opening: Promise<void> | undefined;
  private isOpen = false;
  private closed = false;

  /** @param port shown in errors */
  constructor(
    private readonly store: Store,
    private readonly port: string,
  ) {}

  /** Twice is legal; after a failure the next call tries again; after `close` it is refused. */
  async open(deadline: Deadline): Promise<void> {
    if (this.closed) throw this.closedError('open');
    this.opening ??= this.acquire(deadline);
    try {
      await this.opening;
    } catch (error) {
      this.opening = undefined;
      throw error;
    }
  }

  /**
   * The store for one call.
   *
   * @throws LOVAGE_STORE_CLOSED, LOVAGE_DEADLINE_PASSED
   */
  use(operation: string, deadline: Deadline): Store {
    this.requireOpen(operation);
    if (deadline.passed)
      throw DEADLINE_PASSED.create({ operation: `${operation} of the ${this.port}`, afterMs: 0 });
    return this.store;
  }

  /** @throws LOVAGE_STORE_CLOSED */
  requireOpen(operation: string): void {
    if (!this.isOpen) throw this.closedError(operation);
  }

  /** Whether this is the first call; only then there is something to close. */
  close(): boolean {
    const first = !this.closed;
    this.closed = true;
    if (!this.isOpen) {
      this.store.leave(this);
      return false;
    }
    this.isOpen = false;
    return first;
  }

  /** Gives the store back, when everything of the port has ended. */
  async released(deadline: Deadline): Promise<void> {
    await this.store.release(this, deadline);
  }

  private async acquire(deadline: Deadline): Promise<void> {
    try {
      await this.store.acquire(deadline, this);
    } catch (error) {
      throw this.closed ? this.closedError('open') : error;
    }
    if (this.closed) {
      await this.store.release(this, deadline);
      throw this.closedError('open');
    }
    this.isOpen = true;
  }

  private closedError(operation: string): Error {
    const { port } = this;
    const state = this.closed ? 'closed' : 'not open yet';
    return STORE_CLOSED.create({ port, operation, address: this.store.address, state });
  }
}
