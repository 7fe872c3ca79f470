import { type Duration, durationMs } from '../clock/duration.js';
import { Deadline } from '../clock/deadline.js';
import { RESULT_TIMEOUT } from '../errors/client-errors.js';
import { groupDocument } from '../calls/chord-of.js';
import { type GroupNode, taskIdsOf } from '../canvas/result-node.js';
import type { StoredResult } from '../ports/stored-result.js';
import type { AnyResult } from './any-result.js';
import type { ResultAccess, RevokeOptions } from './result-access.js';
import type { RevokedTask } from './revoked-task.js';
import { TaskResult } from './task-result.js';
import { watchParents } from './watch-parents.js';
import { type WorkflowGraph, workflowGraph } from './workflow-graph.js';
import type { GetOptions } from './get-options.js';

export interface GroupGetOptions extends GetOptions {
  /** Revokes the members that have not begun when one fails. Default false. */
  readonly revokeOnFailure?: boolean | undefined;
}

/** A handle on the members of a group: Celery's GroupResult. */
export class GroupResult<Values extends readonly unknown[] = readonly unknown[]> implements AnyResult {
  constructor(
    readonly id: string,
    /** In the order of the members: of tasks, or of the groups with which chains end. */
    readonly results: readonly AnyResult[],
    /** Handle of what came before the group. */
    readonly parent: AnyResult | undefined,
    private readonly access: ResultAccess,
    private readonly node: GroupNode,
  ) {}

  /** Number of members. */
  get size(): number {
    return this.results.length;
  }

  /**
   * Waits for the values of all members, in their order.
   *
   * @throws what the first member to fail has failed with, as `TaskResult.get`
   * @throws LOVAGE_RESULT_TIMEOUT when `timeout` has passed; the tasks go on
   */
  async get(options: GroupGetOptions = {}): Promise<Values> {
    const { signal, timeout, revokeOnFailure = false } = options;
    const ended = new AbortController();
    const timeoutMs = timeout === undefined ? undefined : durationMs(timeout, 'timeout');
    const timer =
      timeoutMs === undefined
        ? undefined
        : this.access.clock.after(timeoutMs, () =>
            ended.abort(RESULT_TIMEOUT.create({ taskId: this.id, state: 'PENDING', afterMs: timeoutMs })),
          );
    const onAbort = (): void => ended.abort(signal?.reason);
    signal?.throwIfAborted();
    const unwatch = this.watchBefore(ended);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return (await Promise.all(
        this.results.map(async (result) => await result.get({ signal: ended.signal })),
      )) as unknown as Values;
    } catch (error) {
      if (revokeOnFailure && !ended.signal.aborted) await this.revoke();
      throw error;
    } finally {
      timer?.cancel();
      unwatch();
      signal?.removeEventListener('abort', onAbort);
      // Whoever still waits for another member gives up.
      ended.abort(new Error('the group has ended'));
    }
  }

  /** Position and value of each member, as they come. Throws what a member has failed with. */
  async *iterate(
    options: { readonly timeout?: Duration | undefined } = {},
  ): AsyncGenerator<readonly [index: number, value: Values[number]], void, undefined> {
    const deadline =
      options.timeout === undefined
        ? undefined
        : Deadline.in(this.access.clock, durationMs(options.timeout, 'timeout'));
    const ended = new AbortController();
    const unwatch = this.watchBefore(ended);
    const waiting = new Map(
      this.results.map((result, index) => [
        index,
        result
          .get({
            signal: ended.signal,
            ...(deadline !== undefined && { timeout: deadline.leftMs() / 1000 }),
          })
          .then(
            (value) => ({ index, value, error: undefined }),
            (error: unknown) => ({ index, value: undefined, error: { error } }),
          ),
      ]),
    );
    try {
      while (waiting.size > 0) {
        const next = await Promise.race(waiting.values());
        waiting.delete(next.index);
        if (next.error !== undefined) throw next.error.error;
        yield [next.index, next.value];
      }
    } finally {
      unwatch();
      ended.abort(new Error('nobody reads any more'));
    }
  }

  [Symbol.asyncIterator](): AsyncGenerator<readonly [index: number, value: Values[number]], void, undefined> {
    return this.iterate();
  }

  /** Whether all members are over. */
  async ready(): Promise<boolean> {
    return await this.every(async (result) => await result.ready());
  }

  async successful(): Promise<boolean> {
    return await this.every(async (result) => await result.successful());
  }

  /** Whether any member has failed. */
  async failed(): Promise<boolean> {
    const failed = await Promise.all(this.results.map(async (result) => await result.failed()));
    return failed.includes(true);
  }

  /** Number of members that have succeeded. */
  async completedCount(): Promise<number> {
    const done = await Promise.all(this.results.map(async (result) => await result.successful()));
    return done.filter(Boolean).length;
  }

  /** Revokes all members, those of groups in it too. */
  async revoke(options?: RevokeOptions): Promise<readonly RevokedTask[]> {
    return await this.access.revoke(this.taskIds, options);
  }

  /** Revokes the whole workflow that ends here: all members, and all that comes before them. See `TaskResult.revokeAll`. */
  async revokeAll(options?: RevokeOptions): Promise<readonly RevokedTask[]> {
    return await this.access.revoke(taskIdsOf(this.node), options);
  }

  /** Deletes what is stored for all members. */
  async forget(): Promise<void> {
    await this.access.forget(this.taskIds);
  }

  /** Keeps the group in the result store, so that any process finds it by its id: `client.restoreGroup(id)`, and Python. */
  async save(): Promise<void> {
    await this.access.saveGroup(this.id, groupDocument(this.node));
  }

  /** The tasks of the workflow and their states, for drawing. */
  async graph(): Promise<WorkflowGraph> {
    return await workflowGraph(this.node, this.access);
  }

  /** Once for all members: with the error of a task before the group, should that have failed and its members not been told. */
  private watchBefore(ended: AbortController): () => void {
    const onRecord = ({ taskId }: StoredResult): void =>
      void new TaskResult(taskId, this.access).get().catch((error: unknown) => ended.abort(error));
    return watchParents({ onRecord }, this.node, this.access);
  }

  private get taskIds(): readonly string[] {
    return this.results.flatMap((result) => (result instanceof GroupResult ? result.taskIds : [result.id]));
  }

  private async every(is: (result: AnyResult) => Promise<boolean>): Promise<boolean> {
    return (await Promise.all(this.results.map(is))).every(Boolean);
  }
}
