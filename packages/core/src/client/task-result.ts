import { durationMs } from '../clock/duration.js';
import { RESULT_IGNORED } from '../errors/client-errors.js';
import { TASK_REVOKED } from '../errors/task-errors.js';
import type { ResultRecord } from '../message/result-record.js';
import { errorFromJson } from '../message/remote-error.js';
import { TaskState } from '../message/task-state.js';
import { type ResultNode, taskIdsOf } from '../canvas/result-node.js';
import type { AnyResult } from './any-result.js';
import type { GetOptions } from './get-options.js';
import { FinalRecordWait } from './final-record-wait.js';
import { isOver } from '../message/is-over.js';
import type { StoredResult } from '../ports/stored-result.js';
import type { RevokeOptions, ResultAccess } from './result-access.js';
import type { ResultFollower } from './result-follower.js';
import type { RevokedTask } from './revoked-task.js';
import { watchParents } from './watch-parents.js';
import { type WorkflowGraph, workflowGraph } from './workflow-graph.js';
import { type TaskSnapshot, snapshotOf } from './task-snapshot.js';

interface Lineage {
  readonly parent?: AnyResult | undefined;
  readonly node?: ResultNode | undefined;
  readonly ignoredTask?: string | undefined;
}

const noLineage: Lineage = {};

/** Changes that wait for a slow reader; the oldest give way. */
const mostUnread = 100;

/** A handle on a task that was sent: Celery's AsyncResult. Holds no connection; making one costs nothing. */
export class TaskResult<T = unknown> implements AnyResult {
  /** Handle of the step before, in a chain; of the header, for the body of a chord. */
  readonly parent: AnyResult | undefined;
  private readonly node: ResultNode | undefined;
  /** Name of the task when it was sent with `ignoreResult`. */
  private readonly ignoredTask: string | undefined;
  private final: ResultRecord | undefined;

  constructor(
    readonly id: string,
    private readonly access: ResultAccess,
    lineage = noLineage,
  ) {
    this.parent = lineage.parent;
    this.node = lineage.node;
    this.ignoredTask = lineage.ignoredTask;
  }

  /**
   * Waits for the return value.
   *
   * @returns `undefined` for a task that ended with `Ignore`
   * @throws RemoteError (LOVAGE_TASK_FAILED) what the task failed with, also when it rejected its message
   * @throws LOVAGE_TASK_REVOKED when it was revoked or has expired
   * @throws LOVAGE_RESULT_TIMEOUT when `timeout` has passed; the task goes on
   * @throws LOVAGE_RESULT_IGNORED when it was sent with `ignoreResult`
   */
  get(options: GetOptions = {}): Promise<T> {
    // One promise for the whole way: this is the hot path of callers.
    return new Promise<T>((resolve, reject) => {
      const { signal, timeout } = options;
      if (this.ignoredTask !== undefined)
        throw RESULT_IGNORED.create({ taskId: this.id, taskName: this.ignoredTask });
      const end = (record: ResultRecord): void => {
        this.final = record;
        resolve(valueOf(record) as T);
      };
      if (this.final !== undefined) {
        end(this.final);
        return;
      }
      signal?.throwIfAborted();
      const wait = new FinalRecordWait(this.id, this.access, end, reject);
      wait.begin(timeout === undefined ? undefined : durationMs(timeout, 'timeout'), signal);
      if (this.node?.parent !== undefined) wait.unwatch = watchParents(wait, this.node, this.access);
    });
  }

  /** PENDING where nothing is stored. */
  async state(): Promise<string> {
    return (await this.record())?.state ?? TaskState.PENDING;
  }

  /** Whether it is over: SUCCESS, FAILURE, REVOKED, REJECTED or IGNORED. */
  async ready(): Promise<boolean> {
    return isOver(await this.state());
  }

  async successful(): Promise<boolean> {
    return (await this.state()) === TaskState.SUCCESS;
  }

  async failed(): Promise<boolean> {
    return (await this.state()) === TaskState.FAILURE;
  }

  /** The return value, the error (RemoteError), or the meta of a state of the task's own; `undefined` before. */
  async info(): Promise<unknown> {
    const { result, error, progress } = await this.snapshot();
    return error ?? result ?? progress;
  }

  /** Text of the stack at the worker, of a task that failed. */
  get traceback(): Promise<string | undefined> {
    return this.record().then((record) => record?.traceback);
  }

  /** Tasks that this one has sent, the first 1,000 of them; known when it is over. */
  get children(): Promise<readonly TaskResult[]> {
    return this.record().then((record) =>
      (record?.children ?? []).map(([[taskId]]) => new TaskResult(taskId, this.access)),
    );
  }

  /** All that is known now. */
  async snapshot(): Promise<TaskSnapshot> {
    return snapshotOf(this.id, await this.record(), !this.access.tracksSent);
  }

  /**
   * The present snapshot, then one for each change; ends after a final one, or when `signal` is aborted. Who reads more
   * slowly than the task tells misses old changes, never the last one.
   */
  async *changes(
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): AsyncGenerator<TaskSnapshot, void, undefined> {
    const arrived: TaskSnapshot[] = [];
    let failure: { readonly error: unknown } | undefined;
    let wake: (() => void) | undefined;
    const follower: ResultFollower = {
      taskId: this.id,
      onRecord: (stored) => {
        if (arrived.length === mostUnread) arrived.shift();
        try {
          arrived.push(snapshotOf(this.id, this.decoded(stored), !this.access.tracksSent));
        } catch (error) {
          // The store that tells us must not be harmed by a document that we refuse to read.
          failure = { error };
        }
        wake?.();
      },
      onError: (error) => {
        failure = { error };
        wake?.();
      },
    };
    this.access.follow(follower);
    const aborted = (): void => wake?.();
    options.signal?.addEventListener('abort', aborted, { once: true });
    try {
      while (options.signal?.aborted !== true) {
        const next = arrived.shift();
        if (next !== undefined) {
          yield next;
          if (next.ready) return;
        } else if (failure === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        } else {
          throw failure.error;
        }
      }
    } finally {
      this.access.unfollow(follower);
      options.signal?.removeEventListener('abort', aborted);
    }
  }

  /** The tasks of its workflow and their states, for drawing. */
  async graph(): Promise<WorkflowGraph> {
    return await workflowGraph(
      this.node ?? { kind: 'task', id: this.id, task: '', parent: undefined },
      this.access,
    );
  }

  /** See `TaskClient.revoke`. */
  async revoke(options?: RevokeOptions): Promise<RevokedTask> {
    const [revoked] = await this.access.revoke([this.id], options);
    return revoked ?? { taskId: this.id, outcome: 'recorded', state: TaskState.PENDING };
  }

  /**
   * Revokes the whole workflow that ends here, as far as this handle knows it: every task that was sent, and every one that would follow.
   * A durable fact, as `revoke`: what runs goes on unless `terminate` is set, and nothing begins after it. Callbacks for failures run.
   */
  async revokeAll(options?: RevokeOptions): Promise<readonly RevokedTask[]> {
    return await this.access.revoke(this.node === undefined ? [this.id] : taskIdsOf(this.node), options);
  }

  /** Deletes what is stored for it. */
  async forget(): Promise<void> {
    this.final = undefined;
    await this.access.forget([this.id]);
  }

  private async record(): Promise<ResultRecord | undefined> {
    return this.final ?? this.decoded(await this.access.read(this.id));
  }

  private decoded(stored: StoredResult | undefined): ResultRecord | undefined {
    if (stored === undefined) return undefined;
    const record = this.access.decode(stored);
    if (isOver(record.state)) this.final = record;
    return record;
  }
}

function valueOf(record: ResultRecord): unknown {
  if (record.state === TaskState.SUCCESS) return record.result;
  if (record.state === TaskState.IGNORED) return undefined;
  const error = errorFromJson(record.result, record.traceback);
  if (record.state !== TaskState.REVOKED) throw error;
  const reason = error.args[0];
  throw TASK_REVOKED.create(
    { taskId: record.taskId, reason: reason === 'expired' || reason === 'terminated' ? reason : 'revoked' },
    error,
  );
}
