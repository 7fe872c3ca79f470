import type { WallMs } from '../clock/clock.js';
import { encodeTask } from '../message/encode-task.js';
import { shortened } from '../message/error-limits.js';
import type { TaskMessage } from '../message/task-message.js';
import { lookAt } from '../message/thrown-value.js';
import type { WireMessage } from '../message/wire-message.js';
import type { Publication } from '../ports/publication.js';
import { type Attempt, attemptsHeader, withAttempt } from '../task/attempt.js';
import { deliveriesHeader } from '../task/earlier-deliveries.js';
import type { Retry } from '../task/outcome-signals.js';
import type { ConclusionParts } from './conclusion-parts.js';
import type { Run } from './run.js';

/** Characters that are kept of the error of an attempt. */
const longestError = 150;

/**
 * The same message once more, bytes unchanged, at a later time. To the broker it is a new one, so that its header keeps how often it was
 * delivered before; this delivery does not count.
 */
export function again(run: Run, notBefore: WallMs | undefined): Publication {
  const { delivery, deliveries } = run;
  const message = deliveries > 1 ? countedMessage(delivery.message, deliveries - 1) : delivery.message;
  return { message, exchange: '', routingKey: delivery.queue, notBefore };
}

function countedMessage(message: WireMessage, deliveries: number): WireMessage {
  const { contentType, contentEncoding, headers, properties, body } = message;
  return {
    contentType,
    contentEncoding,
    properties,
    body,
    headers: { ...headers, [deliveriesHeader]: deliveries },
  };
}

/** The message of the next attempt: same id and lineage, one retry more, to the queue that this one came from. */
export function nextAttemptOf(
  { message, delivery, definition }: Run,
  { notBeforeMs, overrides }: Retry,
  attempts: readonly Attempt[],
  parts: ConclusionParts,
): Publication {
  if (message === undefined) throw new Error('a run that was not decoded can not be retried');
  const { args, kwargs, expires, priority } = overrides;
  const next: TaskMessage = {
    ...message,
    args: args ?? message.args,
    kwargs: kwargs ?? message.kwargs,
    expires: expires ?? message.expires,
    priority: priority ?? message.priority,
    // A text for displays is made anew where the arguments are others.
    argsrepr: args === undefined ? message.argsrepr : undefined,
    kwargsrepr: kwargs === undefined ? message.kwargsrepr : undefined,
    retries: message.retries + 1,
    eta: new Date(notBeforeMs),
    parentId: message.parentId ?? message.id,
    headers: { ...message.headers, [attemptsHeader]: attempts, [deliveriesHeader]: undefined },
  };
  return {
    message: encodeTask(next, {
      serializer: definition?.options.serializer ?? parts.serializer,
      compression: definition?.options.compression ?? parts.compression,
      limits: parts.limits,
    }),
    exchange: '',
    routingKey: delivery.queue,
    notBefore: notBeforeMs as WallMs,
  };
}

/**
 * The attempts of a task, with the one that has ended now where it has begun.
 *
 * @param error why it failed; `undefined`: it succeeded
 */
export function attemptsOf(
  run: Run,
  error: unknown,
  { clock, hostname }: ConclusionParts,
): readonly Attempt[] {
  if (run.startedAt === undefined) return run.attempts;
  const attempt: Attempt = {
    retries: run.message?.retries ?? 0,
    startedMs: run.startedWallMs(clock),
    endedMs: clock.wallNow(),
    worker: hostname,
    deliveries: run.deliveries,
  };
  return withAttempt(run.attempts, error === undefined ? attempt : { ...attempt, error: inShort(error) });
}

/** Class and message: it travels in a header. */
function inShort(error: unknown): string {
  const { type, message } = lookAt(error);
  return shortened(`${type}: ${message}`, longestError);
}
