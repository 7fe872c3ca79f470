import type { Clock } from '../clock/clock.js';
import type { DriverContext } from '../ports/driver.js';
import { MemoryStore } from './memory-store.js';

interface SharedStore {
  readonly store: MemoryStore;
  users: number;
}

/** Stores that have a name, while somebody uses them. The one state of this process that drivers share. */
const named = new Map<string, SharedStore>();

/** How the ports of one driver find their store: made when the first port opens, freed when the last user has closed. */
export class StoreHandle {
  readonly storeId: string;
  readonly address: string;
  private own: SharedStore | undefined;

  /** @param name `''`: a store of its own */
  constructor(
    private readonly name: string,
    private readonly context: DriverContext,
  ) {
    this.address = `memory://${name}`;
    this.storeId = name === '' ? `memory:${context.newId()}` : this.address;
  }

  /** Of this driver. A shared store keeps the clock of whoever opened it first. */
  get clock(): Clock {
    return this.context.clock;
  }

  acquire(): MemoryStore {
    let shared = this.name === '' ? this.own : named.get(this.name);
    if (shared === undefined) {
      shared = { store: new MemoryStore(this.clock), users: 0 };
      if (this.name === '') this.own = shared;
      else named.set(this.name, shared);
    }
    shared.users += 1;
    return shared.store;
  }

  release(): void {
    const shared = this.name === '' ? this.own : named.get(this.name);
    if (shared === undefined) return;
    shared.users -= 1;
    if (shared.users > 0) return;
    if (this.name === '') this.own = undefined;
    else named.delete(this.name);
    shared.store.close();
  }
}
