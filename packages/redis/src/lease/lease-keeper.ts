import { Worker } from 'node:worker_threads';
import { type Deadline, DEADLINE_PASSED } from '@lovage/core';
import type { RedisStore } from '../redis-store.js';
import type { LeaseCommand, LeaseNotice, LeaseThreadData } from './lease-messages.js';
import { LeaseRenewer } from './lease-renewer.js';

/** Sources are only run by tests, whose module loader has no way into a thread: there the leases are kept in this loop. */
const fromSources = import.meta.url.endsWith('.ts');

/** Keeps the leases of one process, in a thread of its own. */
export class LeaseKeeper {
  private readonly owners = new Set<string>();
  private worker: Worker | undefined;
  /** Resolves when the thread can renew, or has ended. */
  private ready: Promise<void> | undefined;
  private renewer: LeaseRenewer | undefined;
  private closed = false;

  /** @param onLost told once of each owner whose lease is lost */
  constructor(
    private readonly store: RedisStore,
    private readonly onLost: (owner: string) => void,
  ) {}

  /**
   * Resolves when leases can be kept. The thread takes a second to begin on a busy machine: a short lease that is taken before
   * would run out without ever having been renewed.
   *
   * @throws LOVAGE_DEADLINE_PASSED
   */
  async open(deadline: Deadline): Promise<void> {
    if (fromSources) return;
    const afterMs = deadline.leftMs();
    if (this.worker === undefined) this.startThread();
    const operation = 'start of the thread that keeps leases';
    await deadline.race(this.ready ?? Promise.resolve(), () =>
      DEADLINE_PASSED.create({ operation, afterMs }),
    );
  }

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
    // reason: a thread has no origin.
    // oxlint-disable-next-line require-post-message-target-origin
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
    // reason: a thread has no origin.
    // oxlint-disable-next-line require-post-message-target-origin
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
    this.ready = new Promise<void>((resolve) => {
      worker.on('message', (notice: LeaseNotice) => {
        if (notice.kind === 'lost') this.lost(notice.owner);
        else resolve();
      });
      worker.once('exit', () => resolve());
    });
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
