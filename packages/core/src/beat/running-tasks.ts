import { isReady } from '../message/task-state.js';
import type { ResultWatch } from '../ports/result-store.js';
import type { Stores } from '../stores/stores.js';

/** Whether the last tasks of schedules have ended; tells when one that was waited for does. */
export class RunningTasks {
  private watch: ResultWatch | undefined;
  /** Watched tasks, by id: the schedule that waits for each. */
  private readonly watched = new Map<string, string>();

  constructor(
    private readonly stores: Stores,
    private readonly onEnded: (schedule: string) => void,
  ) {}

  /**
   * Whether a task waits or runs. One of which nothing is kept (any more) does not.
   *
   * @param follow tell when it ends
   */
  async isRunning(schedule: string, taskId: string | undefined, follow = true): Promise<boolean> {
    const { results } = this.stores;
    if (taskId === undefined || results === undefined) return false;
    const deadline = this.stores.deadline();
    if (!follow) {
      const [found] = await results.get({ taskIds: [taskId], deadline });
      return found !== undefined && !isReady(found.state);
    }
    this.watch ??= results.watch({
      listener: ({ taskId: id, state }) => {
        if (isReady(state)) this.ended(id);
      },
    });
    this.watched.set(taskId, schedule);
    const [found] = await this.watch.add({ taskIds: [taskId], deadline });
    const runs = found !== undefined && !isReady(found.state);
    if (!runs) this.forget(taskId);
    return runs;
  }

  clear(): void {
    for (const taskId of this.watched.keys()) this.forget(taskId);
  }

  close(): void {
    this.watched.clear();
    this.watch?.close();
    this.watch = undefined;
  }

  private ended(taskId: string): void {
    const schedule = this.watched.get(taskId);
    this.forget(taskId);
    if (schedule !== undefined) this.onEnded(schedule);
  }

  private forget(taskId: string): void {
    if (this.watched.delete(taskId)) this.watch?.remove({ taskIds: [taskId] });
  }
}
