import { TASK_IGNORED_IN_WORKFLOW } from '../../errors/canvas-errors.js';
import { TASK_REJECTED, TASK_REVOKED } from '../../errors/task-errors.js';
import { TaskState } from '../../message/task-state.js';
import type { Outcome } from '../outcome.js';
import type { Run } from '../run.js';
import { followFailure } from './follow-failure.js';
import { followReplacement } from './follow-replacement.js';
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
  const { callbacks, errbacks, chain, chord } = message.embed;
  if (callbacks === null && errbacks === null && chain === null && chord === null) return noFollowUps;
  if (outcome.kind === 'succeeded')
    return followSuccess(message, outcome.value, new Following(parts, message, 'success'));
  const following = new Following(parts, message, 'failure');
  switch (outcome.kind) {
    case 'failed':
    case 'lost':
    case 'parked':
      return followFailure(message, TaskState.FAILURE, outcome.error, following);
    case 'revoked': {
      const error = TASK_REVOKED.create({ taskId: message.id, reason: outcome.reason });
      return followFailure(message, TaskState.REVOKED, error, following);
    }
    case 'rejected': {
      const { taskId, taskName } = run;
      const error = TASK_REJECTED.create({ taskId, taskName, reason: outcome.reason });
      return followFailure(message, TaskState.FAILURE, error, following);
    }
    case 'ignored':
      // Nobody has its value, so what waits for it would wait for ever. Without anything that waits it is none of our business.
      if ((chain === null || chain.length === 0) && chord === null) return noFollowUps;
      return followFailure(
        message,
        TaskState.FAILURE,
        TASK_IGNORED_IN_WORKFLOW.create({ taskId: message.id, taskName: message.task }),
        following,
      );
    default:
      return noFollowUps;
  }
}
