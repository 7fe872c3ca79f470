import type { MonoMs } from '../clock/clock.js';
import type { Deadline } from '../clock/deadline.js';
import { DEADLINE_PASSED } from '../errors/lifecycle-errors.js';
import { STORE_CLOSED } from '../errors/store-errors.js';
import type { MemoryStore } from './memory-store.js';
import type { StoreHandle } from './store-handle.js';

/** Life of one port: new, open, closed. Only an open one reaches the store. */
export class PortSession {
  private opened: MemoryStore | undefined;
  private closed = false;

  /** @param port shown in errors */
  constructor(
    private readonly handle: StoreHandle,
    private readonly port: string,
  ) {}

  get storeId(): string {
    return this.handle.storeId;
  }

  get address(): string {
    return this.handle.address;
  }

  /** The store, while the port is open. */
  get store(): MemoryStore | undefined {
    return this.opened;
  }

  /** Twice is legal; after `close` it is refused. */
  open(deadline: Deadline): void {
    if (this.closed) throw this.closedError('open');
    if (deadline.passed) throw DEADLINE_PASSED.create({ operation: `open of the ${this.port}`, afterMs: 0 });
    this.opened ??= this.handle.acquire();
  }

  /**
   * The store for one call.
   *
   * @throws LOVAGE_STORE_CLOSED, LOVAGE_DEADLINE_PASSED
   */
  use(operation: string, deadline: Deadline): MemoryStore {
    if (this.opened === undefined) throw this.closedError(operation);
    if (deadline.passed)
      throw DEADLINE_PASSED.create({ operation: `${operation} of the ${this.port}`, afterMs: 0 });
    return this.opened;
  }

  monoNow(): MonoMs {
    return this.handle.clock.monoNow();
  }

  /** Twice is legal. */
  close(): void {
    this.closed = true;
    if (this.opened === undefined) return;
    this.opened = undefined;
    this.handle.release();
  }

  closedError(operation: string): Error {
    const { port, address } = this;
    return STORE_CLOSED.create({ port, operation, address, state: this.closed ? 'closed' : 'not open yet' });
  }
}
