import { makeGroup } from '../../canvas/signature-shape.js';
import type { SignatureJson } from '../../message/signature-json.js';
import type { TaskMessage } from '../../message/task-message.js';
import { failureRecord, type FailureRecord, type FollowUps, type Following } from './following.js';

/**
 * What follows a failure: the part of the chord tells of it, each later step of the chain ends with the same error, and the callbacks for
 * failures run. Other than in Celery a revoked task ends its workflow in the same way, and steps inside of groups and chords end too.
 *
 * @param state FAILURE or REVOKED
 */
export function followFailure(
  message: TaskMessage,
  state: string,
  error: unknown,
  following: Following,
): FollowUps {
  const { id, embed, group, groupIndex } = message;
  const { errbacks, chain, chord } = embed;
  const failure = failureRecord(state, error);
  if (chord !== null && group !== undefined)
    following.join(id, group, groupIndex, following.failedDocument(id, failure), chord);
  if (chain !== null) following.fail(chain, failure);
  if (errbacks !== null && errbacks.length > 0) callErrbacks(errbacks, message, failure, following);
  return following;
}

/** The call that has failed, as callbacks of the new style are told of it. */
export interface FailedRequest {
  readonly id: string;
  readonly task?: string | undefined;
  readonly args?: readonly unknown[] | undefined;
  readonly kwargs?: Readonly<Record<string, unknown>> | undefined;
  readonly rootId?: string | undefined;
  readonly parentId?: string | undefined;
  readonly group?: string | undefined;
  readonly retries?: number | undefined;
}

/**
 * Sends callbacks for a failure. One of the old style gets the id of the failed task. One of the new style (a task that is known here and
 * needs two arguments more than its signature has) gets the call, the error and the traceback, as plain data: Celery would call it in the
 * worker, where its own failure is lost.
 */
export function callErrbacks(
  errbacks: readonly SignatureJson[],
  request: FailedRequest,
  { result, traceback }: FailureRecord,
  following: Following,
): void {
  const told = [
    {
      id: request.id,
      task: request.task ?? null,
      args: request.args ?? [],
      kwargs: request.kwargs ?? {},
      root_id: request.rootId ?? request.id,
      parent_id: request.parentId ?? null,
      group: request.group ?? null,
      retries: request.retries ?? 0,
    },
    result,
    traceback ?? null,
  ];
  const { registry } = following.parts;
  const newStyle = (errback: SignatureJson): boolean =>
    (registry.known(errback.task)?.parameters?.required ?? 0) >= errback.args.length + 2;
  for (const errback of errbacks) if (newStyle(errback)) following.apply(errback, told);
  const old = errbacks.filter((errback) => !newStyle(errback));
  const [only] = old;
  if (only !== undefined && old.length === 1) following.apply(only, [request.id]);
  else if (old.length > 0) following.apply(makeGroup(old), [request.id]);
}
