import { MAX_RETRIES_EXCEEDED, TASK_PARKED, TASK_REJECTED, TASK_REVOKED } from '../errors/task-errors.js';
import type { LovageError } from '../errors/lovage-error.js';
import { errorInShort } from '../message/error-in-short.js';
import { errorToJson, tracebackOf } from '../message/error-json.js';
import { encodeResult } from '../message/result-document.js';
import { WrittenResult } from '../message/written-result.js';
import type { ResultRecord, ResultTuple } from '../message/result-record.js';
import { isReady, TaskState } from '../message/task-state.js';
import type { Publication } from '../ports/publication.js';
import type { ParkReason, Settlement, SettleVerb } from '../ports/settlement.js';
import type { StoredResult } from '../ports/stored-result.js';
import type { ConclusionParts } from './conclusion-parts.js';
import { again, attemptsOf, nextAttemptOf } from './continuation.js';
import { followUps } from './follow-ups/follow-ups.js';
import { type FollowUps, noFollowUps } from './follow-ups/following.js';
import type { WorkflowSettlement } from './follow-ups/workflow-settlement.js';
import type { Attempt } from '../task/attempt.js';
import type { Retry } from '../task/outcome-signals.js';
import type { Outcome } from './outcome.js';
import type { Run } from './run.js';

const none: readonly never[] = [];
const ack: SettleVerb = { kind: 'ack' };

/**
 * Turns the outcome of a run into its settlement: how the message ends, what is stored, and what is sent.
 *
 * @throws LOVAGE_VALUE_UNSERIALIZABLE and the like when the value of a success can not be stored
 */
export function settlementOf(run: Run, outcome: Outcome, parts: ConclusionParts): WorkflowSettlement {
  switch (outcome.kind) {
    case 'succeeded': {
      const followed = follow(run, outcome, parts);
      const own = outcome.repeated === true ? none : record(run, TaskState.SUCCESS, outcome.value, parts);
      return final(run, ack, own, followed);
    }
    case 'failed':
      return failed(run, outcome, parts);
    case 'retried':
      return retried(run, outcome.retry, parts);
    case 'ignored': {
      const followed = follow(run, outcome, parts);
      return final(run, ack, ignored(run, parts), followed);
    }
    case 'replaced':
      return final(run, ack, none, follow(run, outcome, parts));
    case 'rejected': {
      if (outcome.requeue) return unfinished(run, { kind: 'requeue' }, none);
      const { taskId, taskName } = run;
      const error = TASK_REJECTED.create({ taskId, taskName, reason: outcome.reason });
      return failedWith(run, outcome, TaskState.REJECTED, error, reasonOf(error), parts);
    }
    case 'revoked': {
      const error = TASK_REVOKED.create({ taskId: run.taskId, reason: outcome.reason });
      return failedWith(run, outcome, TaskState.REVOKED, error, undefined, parts);
    }
    case 'postponed':
      return unfinished(run, ack, [again(run, outcome.notBefore)]);
    case 'lost':
      return mayRunAgain(run)
        ? unfinished(run, { kind: 'requeue' }, none)
        : failedWith(run, outcome, TaskState.FAILURE, outcome.error, undefined, parts);
    case 'superseded':
      return unfinished(run, ack, none);
    case 'released':
      return unfinished(run, { kind: 'release' }, none);
    case 'parked':
      break;
  }
  return failedWith(run, outcome, TaskState.FAILURE, outcome.error, reasonOf(outcome.error), parts);
}

/** Whether a task whose process has died is delivered again. */
const mayRunAgain = ({ definition, acknowledgement }: Run): boolean =>
  acknowledgement === undefined && definition?.options.rejectOnWorkerLost !== false;

/** What failed for good after retries is kept for the operator; and what its task wants kept. */
function failed(run: Run, outcome: Outcome & { kind: 'failed' }, parts: ConclusionParts): WorkflowSettlement {
  if (outcome.repeated === true) {
    const { parked: reason } = outcome;
    return final(run, verbFor(reason), none, follow(run, outcome, parts));
  }
  const { taskId, taskName, message, definition } = run;
  let reason: ParkReason | undefined;
  if (run.exhausted)
    reason = reasonOf(MAX_RETRIES_EXCEEDED.create({ taskId, taskName, maxRetries: message?.retries ?? 0 }));
  else if (definition?.options.acksOnFailureOrTimeout === false)
    reason = reasonOf(TASK_PARKED.create({ taskId, taskName }));
  return failedWith(run, outcome, TaskState.FAILURE, outcome.error, reason, parts);
}

/** @param reason why its message is parked; `undefined`: it is acknowledged */
function failedWith(
  run: Run,
  outcome: Outcome,
  state: string,
  error: unknown,
  reason: ParkReason | undefined,
  parts: ConclusionParts,
): WorkflowSettlement {
  const followed = follow(run, outcome, parts);
  return final(run, verbFor(reason), failure(run, state, error, parts, reason), followed);
}

function retried(run: Run, retry: Retry, parts: ConclusionParts): Settlement {
  const error = retry.error ?? retry;
  const attempts = attemptsOf(run, error, parts);
  return {
    delivery: run.delivery,
    verb: ack,
    results: failure(run, TaskState.RETRY, error, parts, undefined, attempts),
    publishes: [nextAttemptOf(run, retry, attempts, parts)],
    joins: none,
  };
}

/** What follows the end of a task. Made before its own record, which names what was begun. */
function follow(run: Run, outcome: Outcome, parts: ConclusionParts): FollowUps {
  const followed = followUps(run, outcome, parts.follow);
  run.trail = followed === noFollowUps ? undefined : followed.children;
  return followed;
}

/** The end of a task, with what follows it. */
function final(
  { delivery }: Run,
  verb: SettleVerb,
  own: readonly StoredResult[],
  followed: FollowUps,
): WorkflowSettlement {
  if (followed === noFollowUps) return { delivery, verb, results: own, publishes: none, joins: none };
  return {
    delivery,
    verb,
    results: [...own, ...followed.results],
    publishes: followed.followers.map(({ publication }) => publication),
    joins: followed.joins.map(({ part }) => part),
    followed,
  };
}

const reasonOf = ({ code, message }: LovageError): ParkReason => ({ code, text: message });

const verbFor = (reason: ParkReason | undefined): SettleVerb =>
  reason === undefined ? ack : { kind: 'park', reason };

/** The end of a delivery whose task goes on with another. */
const unfinished = ({ delivery }: Run, verb: SettleVerb, publishes: readonly Publication[]): Settlement => ({
  delivery,
  verb,
  results: none,
  publishes,
  joins: none,
});

/** A state that the task has written itself stays: `updateState` and then `Ignore` is the way to end with it. */
function ignored(run: Run, parts: ConclusionParts): readonly StoredResult[] {
  return run.context?.hasOwnState === true ? none : record(run, TaskState.IGNORED, null, parts);
}

function failure(
  run: Run,
  state: string,
  error: unknown,
  parts: ConclusionParts,
  parkedFor?: ParkReason,
  attempts: readonly Attempt[] | undefined = historyOf(run, error, parts),
): readonly StoredResult[] {
  if (!keeps(run, parts) && !keepsErrors(run, parts)) return none;
  try {
    const bare = recordOf(run, state, errorToJson(error), attempts, parts);
    return stored(run, { ...bare, traceback: tracebackOf(error), parked: parkedFor }, parts);
  } catch (refusal) {
    const bare = recordOf(run, state, errorInShort(error, refusal), attempts, parts);
    return failureInShort(run, { ...bare, children: none, parked: parkedFor }, parts);
  }
}

/** An error beyond the limits of the app must still end its task: who waits for it would wait for ever. */
function failureInShort(run: Run, result: ResultRecord, parts: ConclusionParts): readonly StoredResult[] {
  try {
    return stored(run, result, parts);
  } catch {
    // Not even the id can be written, so nobody can ask for it.
    return none;
  }
}

function record(run: Run, state: string, value: unknown, parts: ConclusionParts): readonly StoredResult[] {
  if (!keeps(run, parts)) return none;
  const attempts = state === TaskState.SUCCESS ? historyOf(run, undefined, parts) : undefined;
  return stored(run, recordOf(run, state, value, attempts, parts), parts);
}

/** A task without a readable id has nowhere to keep a result. The call's `ignore_result` wins over the task's. */
function keeps(run: Run, { keepResults }: ConclusionParts): boolean {
  const { message, definition } = run;
  if (!keepResults) return false;
  if (message === undefined) return run.identified;
  return !(message.ignoreResult ?? definition?.options.ignoreResult ?? false);
}

function keepsErrors({ message, definition }: Run, { keepResults }: ConclusionParts): boolean {
  return keepResults && message !== undefined && definition?.options.storeErrorsEvenIfIgnored === true;
}

/** The attempts of a task that was retried, with the one that has ended now. */
const historyOf = (run: Run, error: unknown, parts: ConclusionParts): readonly Attempt[] | undefined =>
  run.message === undefined || run.message.retries === 0 ? undefined : attemptsOf(run, error, parts);

/** The record of a state of the task's own, or of STARTED. */
export function stateRecord(
  run: Run,
  state: string,
  meta: unknown,
  parts: ConclusionParts,
): StoredResult | undefined {
  return record(run, state, meta, parts)[0];
}

function recordOf(
  run: Run,
  state: string,
  result: unknown,
  attempts: readonly Attempt[] | undefined,
  { clock }: ConclusionParts,
): ResultRecord {
  const { message, context } = run;
  return {
    taskId: run.taskId,
    state,
    result,
    traceback: undefined,
    children: childrenOf(run),
    // Celery writes it for these.
    dateDone: isReady(state) ? new Date(clock.wallNow()) : undefined,
    groupId: message?.group,
    parentId: message?.parentId,
    extended: undefined,
    attempts,
    ...(state === TaskState.SUCCESS &&
      context !== undefined &&
      context.added.length > 0 && { added: context.added }),
  };
}

/** What the task has sent, and what its end begins. */
function childrenOf({ context, trail }: Run): readonly ResultTuple[] {
  if (context === undefined || context.children.length === 0) return trail ?? none;
  const sent = context.children.map((id): ResultTuple => [[id, null], null]);
  return trail === undefined ? sent : [...sent, ...trail];
}

function stored(
  run: Run,
  result: ResultRecord,
  { serializer, limits, resultTtlMs, sharedResults }: ConclusionParts,
): readonly StoredResult[] {
  const options = { serializer, limits, taskName: run.taskName };
  const replyTo = sharedResults ? undefined : run.delivery.message.properties.replyTo;
  const written = WrittenResult.of(result, options, resultTtlMs, replyTo);
  if (written !== undefined) return [written];
  const document = encodeResult(result, options);
  return [{ taskId: result.taskId, state: result.state, document, ttlMs: resultTtlMs, replyTo }];
}
