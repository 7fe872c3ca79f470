import { Worker } from 'node:worker_threads';
import type { RedisStore } from '../redis-store.js';
import type { LeaseCommand, LeaseNotice, LeaseThreadData } from './lease-messages.js';
import { LeaseRenewer } from './lease-renewer.js';

/** Sources are only run by tests, whose module loader has no way into a thread: there the leases are kept in this loop. */
const fromSources = import.meta.url.endsWith('.ts');

/** Keeps the leases of one process, in a thread of its own. */
export class LeaseKeeper {
  private readonly owners = new Set<string>();
  private worker: Worker | undefined;
  private renewer: LeaseRenewer | undefined;
  private closed = false;

  /** @param onLost told once of each owner whose lease is lost */
  constructor(
    private readonly store: RedisStore,
    private readonly onLost: (owner: string) => void,
  ) {}

  add(owner: string): void {
    this.owners.add(owner);
    if (fromSources) this.here().add(owner, this.store.clock.monoNow());
    else this.tell({ kind: 'add', owner });
  }

  remove(owner: string): void {
    if (!this.owners.delete(owner)) return;
    if (fromSources) this.renewer?.remove(owner);
    else this.tell({ kind: 'remove', owner });
  }

  close(): void {
    this.closed = true;
    this.owners.clear();
    this.renewer?.close();
    if (this.worker === undefined) return;
    this.worker.postMessage({ kind: 'close' } satisfies LeaseCommand);
    this.worker = undefined;
  }

  private lost(owner: string): void {
    if (this.owners.delete(owner)) this.onLost(owner);
  }

  private here(): LeaseRenewer {
    const { store } = this;
    this.renewer ??= new LeaseRenewer({
      link: store.newLink('lease'),
      clock: store.clock,
      run: async (link, script, deadline, args) => await store.runOn(link, script, deadline, args),
      leaseMs: store.settings.leaseMs,
      visibilityTimeoutMs: store.settings.visibilityTimeoutMs,
      onLost: (owner) => this.lost(owner),
    });
    return this.renewer;
  }

  private tell(command: LeaseCommand): void {
    (this.worker ?? this.startThread()).postMessage(command);
  }

  private startThread(): Worker {
    const { target, leaseMs, visibilityTimeoutMs } = this.store.settings;
    const data: LeaseThreadData = { target, leaseMs, visibilityTimeoutMs };
    const worker = new Worker(new URL('./lease-thread.js', import.meta.url), {
      workerData: data,
      name: 'lovage-lease',
    });
    // What keeps the process alive is its work, not this.
    worker.unref();
    worker.on('message', ({ lost }: LeaseNotice) => this.lost(lost));
    worker.on('error', () => undefined);
    worker.on('exit', () => this.threadEnded(worker));
    this.worker = worker;
    return worker;
  }

  /** A thread that ended by itself is replaced; leases live on for as long as that takes. */
  private threadEnded(worker: Worker): void {
    if (this.closed || this.worker !== worker) return;
    this.worker = undefined;
    this.store.clock.after(100, () => {
      for (const owner of this.closed ? [] : this.owners) this.tell({ kind: 'add', owner });
    });
  }
}
