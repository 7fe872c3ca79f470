import { Coalescer, type Done } from '../batch/coalescer.js';
import { SERVICE_STOPPED } from '../errors/lifecycle-errors.js';
import type { ResultWatch } from '../ports/result-store.js';
import type { StoredResult } from '../ports/stored-result.js';
import type { Stores } from '../stores/stores.js';

/** Told what is stored for an id: first the present record (`undefined`: none), then each change. */
export interface ResultFollower {
  readonly taskId: string;
  onRecord(stored: StoredResult | undefined): void;
  /** The store can not be asked, or the client was stopped; nothing follows. */
  onError(error: unknown): void;
}

/** Followers are told by the flush itself, so nobody waits for the outcome of a batch. */
const toldAlready: Done<undefined> = () => undefined;

/** One watch on the result store for all who wait in this process. */
export class ResultHub {
  /** Most ids have one follower, which then stands here itself. */
  private readonly followers = new Map<string, ResultFollower | ResultFollower[]>();
  private readonly adding: Coalescer<ResultFollower, undefined>;
  private watch: ResultWatch | undefined;
  private stopped = false;

  constructor(private readonly stores: Stores) {
    this.adding = new Coalescer({ clock: stores.clock, flush: async (added) => await this.add(added) });
  }

  /** Tells `follower` from now on, but never before this call has returned. */
  follow(follower: ResultFollower): void {
    if (this.stopped) {
      void Promise.resolve().then(() =>
        follower.onError(SERVICE_STOPPED.create({ service: 'the task client' })),
      );
      return;
    }
    const present = this.followers.get(follower.taskId);
    if (present === undefined) this.followers.set(follower.taskId, follower);
    else if (Array.isArray(present)) present.push(follower);
    else this.followers.set(follower.taskId, [present, follower]);
    this.adding.push(follower, toldAlready);
  }

  /** Tells it nothing more; twice is legal. */
  unfollow(follower: ResultFollower): void {
    const { taskId } = follower;
    const present = this.followers.get(taskId);
    if (Array.isArray(present)) {
      const at = present.indexOf(follower);
      if (at !== -1) present.splice(at, 1);
      if (present.length > 0) return;
    } else if (present !== follower) {
      return;
    }
    this.followers.delete(taskId);
    this.watch?.remove({ taskIds: [taskId] });
  }

  /** Ids that are followed; 0 when nobody waits. */
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

  private follows(follower: ResultFollower): boolean {
    const present = this.followers.get(follower.taskId);
    return present === follower || (Array.isArray(present) && present.includes(follower));
  }

  private async add(added: readonly ResultFollower[]): Promise<readonly undefined[]> {
    try {
      const stored = await this.read(added.map(({ taskId }) => taskId));
      for (const [index, follower] of added.entries()) {
        if (this.follows(follower)) follower.onRecord(stored[index]);
      }
    } catch (error) {
      for (const follower of added) {
        if (this.follows(follower)) follower.onError(error);
      }
    }
    return [];
  }

  private async read(taskIds: readonly string[]): Promise<readonly (StoredResult | undefined)[]> {
    if (!this.stores.opened) await this.stores.open();
    const { results } = this.stores;
    if (results === undefined) return [];
    this.watch ??= results.watch({ listener: (stored) => this.tell(stored) });
    const stored = await this.watch.add({ taskIds, deadline: this.stores.deadline() });
    // Whoever stopped following meanwhile has removed an id that was not there yet.
    const gone = taskIds.filter((taskId) => !this.followers.has(taskId));
    if (gone.length > 0) this.watch.remove({ taskIds: gone });
    return stored;
  }

  private tell(stored: StoredResult): void {
    const present = this.followers.get(stored.taskId);
    // A follower that has what it wants unfollows while it is told.
    if (Array.isArray(present)) for (const follower of present.slice()) follower.onRecord(stored);
    else present?.onRecord(stored);
  }
}
