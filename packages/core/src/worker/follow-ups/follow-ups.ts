import { TASK_IGNORED_IN_WORKFLOW } from '../../errors/canvas-errors.js';
import { TASK_REJECTED, TASK_REVOKED } from '../../errors/task-errors.js';
import { TaskState } from '../../message/task-state.js';
import type { TaskMessage } from '../../message/task-message.js';
import { builtinSource } from '../builtins/builtin-source.js';
import { chordUnlockName } from '../builtins/chord-unlock.js';
import type { Outcome } from '../outcome.js';
import type { Run } from '../run.js';
import { followFailure } from './follow-failure.js';
import { followReplacement } from './follow-replacement.js';
import { followUnlock } from './follow-unlock.js';
import { followSuccess } from './follow-success.js';
import { Following, type FollowParts, type FollowUps, noFollowUps } from './following.js';

/**
 * What follows a run that has come to its final outcome: not one that is retried, postponed or handed back. Made from the message and the
 * outcome alone, with ids that follow from the task's, so that a repeat gives the same.
 *
 * @throws as `encodeTask`, when the value of a success can not travel
 */
export function followUps(run: Run, outcome: Outcome, parts: FollowParts | undefined): FollowUps {
  const { message } = run;
  if (message === undefined || parts === undefined) return noFollowUps;
  if (outcome.kind === 'replaced') return followReplacement(message, outcome.signature, parts);
  if (message.task === chordUnlockName && run.definition?.source === builtinSource) {
    const end = failureOf(run, message, outcome);
    return outcome.kind === 'succeeded' || end !== undefined
      ? followUnlock(message, outcome, end?.error, parts)
      : noFollowUps;
  }
  const { callbacks, errbacks, chain, chord } = message.embed;
  if (callbacks === null && errbacks === null && chain === null && chord === null) return noFollowUps;
  if (outcome.kind === 'succeeded')
    return followSuccess(
      message,
      outcome.value,
      outcome.added ?? run.context?.added ?? none,
      new Following(parts, message, 'success'),
    );
  const end = failureOf(run, message, outcome);
  if (end === undefined) return noFollowUps;
  return followFailure(message, end.state, end.error, new Following(parts, message, 'failure'));
}

const none: readonly never[] = [];

interface FailedEnd {
  readonly state: 'FAILURE' | 'REVOKED';
  readonly error: unknown;
}

/** As what an end without a value is passed on; `undefined`: nothing is to be told. */
function failureOf(
  { taskId, taskName }: Run,
  { embed }: TaskMessage,
  outcome: Outcome,
): FailedEnd | undefined {
  switch (outcome.kind) {
    case 'failed':
    case 'lost':
    case 'parked':
      return { state: TaskState.FAILURE, error: outcome.error };
    case 'revoked':
      return { state: TaskState.REVOKED, error: TASK_REVOKED.create({ taskId, reason: outcome.reason }) };
    case 'rejected':
      return {
        state: TaskState.FAILURE,
        error: TASK_REJECTED.create({ taskId, taskName, reason: outcome.reason }),
      };
    case 'ignored':
      // Nobody has its value, so what needs it would wait for ever. Where nothing does, there is nothing to tell.
      return (embed.chain === null || embed.chain.length === 0) && embed.chord === null
        ? undefined
        : { state: TaskState.FAILURE, error: TASK_IGNORED_IN_WORKFLOW.create({ taskId, taskName }) };
    case 'postponed':
    case 'released':
    case 'superseded':
    case 'replaced':
    case 'retried':
    case 'succeeded':
  }
  return undefined;
}
