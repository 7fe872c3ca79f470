import type { Clock } from '../clock/clock.js';
import type { Duration } from '../clock/duration.js';
import type { ResultRecord } from '../message/result-record.js';
import type { StoredResult } from '../ports/stored-result.js';
import type { ResultFollower } from './result-follower.js';
import type { RevokedTask } from './revoked-task.js';

export interface RevokeOptions {
  /** Stop it also when it runs already: its signal is aborted. Default false. */
  readonly terminate?: boolean | undefined;
  /** Wait so long for the end of the tasks before telling what became of them. Default: do not wait. */
  readonly wait?: Duration | undefined;
}

/** What a `TaskResult` needs of the client that made it. */
export interface ResultAccess {
  readonly clock: Clock;
  /** Sent ids are kept, so that an unknown id can be told apart. */
  readonly tracksSent: boolean;
  read(taskId: string): Promise<StoredResult | undefined>;
  decode(stored: StoredResult): ResultRecord;
  follow(follower: ResultFollower): void;
  unfollow(follower: ResultFollower): void;
  revoke(taskIds: readonly string[], options?: RevokeOptions): Promise<readonly RevokedTask[]>;
  forget(taskIds: readonly string[]): Promise<void>;
  /** States of many tasks at once; `undefined` where nothing is stored. */
  states(taskIds: readonly string[]): Promise<readonly (string | undefined)[]>;
  /** Keeps Celery's document of a group. */
  saveGroup(groupId: string, document: string): Promise<void>;
}
