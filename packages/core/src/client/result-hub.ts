import { Coalescer } from '../batch/coalescer.js';
import { SERVICE_STOPPED } from '../errors/lifecycle-errors.js';
import type { ResultWatch } from '../ports/result-store.js';
import type { StoredResult } from '../ports/stored-result.js';
import type { Stores } from '../stores/stores.js';

/** Told what is stored for an id: first the present record (`undefined`: none), then each change. */
export interface ResultFollower {
  onRecord(stored: StoredResult | undefined): void;
  /** The store can not be asked, or the client was stopped; nothing follows. */
  onError(error: unknown): void;
}

/** One watch on the result store for all who wait in this process. */
export class ResultHub {
  private readonly followers = new Map<string, ResultFollower[]>();
  private readonly adding: Coalescer<string, StoredResult | undefined>;
  private watch: ResultWatch | undefined;
  private stopped = false;

  constructor(private readonly stores: Stores) {
    this.adding = new Coalescer({ clock: stores.clock, flush: async (taskIds) => await this.add(taskIds) });
  }

  /** @returns the function that ends the following; calling it twice is legal */
  follow(taskId: string, follower: ResultFollower): () => void {
    if (this.stopped) {
      // Never while `follow` still runs: the caller has no way to end what it is about to be given.
      void Promise.resolve().then(() =>
        follower.onError(SERVICE_STOPPED.create({ service: 'the task client' })),
      );
      return () => undefined;
    }
    const present = this.followers.get(taskId);
    if (present === undefined) this.followers.set(taskId, [follower]);
    else present.push(follower);
    this.adding.push(taskId, (stored: StoredResult | undefined, error: unknown) => {
      if (!(this.followers.get(taskId)?.includes(follower) ?? false)) return;
      if (error === undefined) follower.onRecord(stored);
      else follower.onError(error);
    });
    return () => this.unfollow(taskId, follower);
  }

  /** Followers that wait; 0 when nobody does. */
  get following(): number {
    return this.followers.size;
  }

  stop(): void {
    this.stopped = true;
    this.watch?.close();
    const waiting = [...this.followers.values()].flat();
    this.followers.clear();
    for (const follower of waiting) follower.onError(SERVICE_STOPPED.create({ service: 'the task client' }));
  }

  private unfollow(taskId: string, follower: ResultFollower): void {
    const present = this.followers.get(taskId);
    if (present === undefined) return;
    const at = present.indexOf(follower);
    if (at !== -1) present.splice(at, 1);
    if (present.length > 0) return;
    this.followers.delete(taskId);
    this.watch?.remove({ taskIds: [taskId] });
  }

  private async add(taskIds: readonly string[]): Promise<readonly (StoredResult | undefined)[]> {
    if (!this.stores.opened) await this.stores.open();
    const { results } = this.stores;
    if (results === undefined) return taskIds.map(() => undefined);
    this.watch ??= results.watch({ listener: (stored) => this.tell(stored) });
    const stored = await this.watch.add({ taskIds, deadline: this.stores.deadline() });
    // Whoever stopped following meanwhile has removed an id that was not there yet.
    const gone = taskIds.filter((taskId) => !this.followers.has(taskId));
    if (gone.length > 0) this.watch.remove({ taskIds: gone });
    return stored;
  }

  private tell(stored: StoredResult): void {
    const followers = this.followers.get(stored.taskId);
    if (followers === undefined) return;
    // A follower that has what it wants unfollows while it is told.
    if (followers.length === 1) followers[0]?.onRecord(stored);
    else for (const follower of followers.slice()) follower.onRecord(stored);
  }
}
