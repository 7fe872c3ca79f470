import { Coalescer, type Done } from '../batch/coalescer.js';
import { SERVICE_STOPPED } from '../errors/lifecycle-errors.js';
import { STORE_DAMAGED } from '../errors/store-errors.js';
import type { ResultWatch } from '../ports/result-store.js';
import type { StoredResult } from '../ports/stored-result.js';
import type { Stores } from '../stores/stores.js';
import { FollowerTable } from './follower-table.js';
import type { ResultFollower } from './result-follower.js';

/** Followers are told by the flush itself, so nobody waits for the outcome of a batch. */
const toldAlready: Done<undefined> = () => undefined;

/** One watch on the result store for all who wait in this process. */
export class ResultHub {
  private readonly followers = new FollowerTable();
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
    this.followers.add(follower);
    this.adding.push(follower, toldAlready);
  }

  /** Tells it nothing more; twice is legal. */
  unfollow(follower: ResultFollower): void {
    if (this.followers.remove(follower)) this.watch?.remove({ taskIds: [follower.taskId] });
  }

  /** Ids that are followed; 0 when nobody waits. */
  get following(): number {
    return this.followers.size;
  }

  stop(): void {
    this.stopped = true;
    this.watch?.close();
    for (const follower of this.followers.takeAll())
      follower.onError(SERVICE_STOPPED.create({ service: 'the task client' }));
  }

  private async add(added: readonly ResultFollower[]): Promise<readonly undefined[]> {
    try {
      const stored = await this.read(added.map(({ taskId }) => taskId));
      let next = 0;
      for (const follower of added) {
        const record = stored[next++];
        if (this.followers.has(follower)) follower.onRecord(record);
      }
    } catch (error) {
      // One key that holds something else is no reason to fail all that were asked for in the same turn.
      if (STORE_DAMAGED.is(error) && added.length > 1) {
        await Promise.all(added.map(async (follower) => await this.add([follower])));
        return [];
      }
      for (const follower of added) {
        if (this.followers.has(follower)) follower.onError(error);
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
    const gone = taskIds.filter((taskId) => !this.followers.follows(taskId));
    if (gone.length > 0) this.watch.remove({ taskIds: gone });
    return stored;
  }

  private tell(stored: StoredResult): void {
    const present = this.followers.of(stored.taskId);
    if (Array.isArray(present)) for (const follower of present) follower.onRecord(stored);
    else present?.onRecord(stored);
  }
}
