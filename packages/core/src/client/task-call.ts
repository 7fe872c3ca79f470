import type { Clock } from '../clock/clock.js';
import { type Duration, durationMs } from '../clock/duration.js';
import { OPTION_INVALID } from '../errors/config-errors.js';
import { noEmbed } from '../message/no-embed.js';
import type { TaskMessage } from '../message/task-message.js';
import type { RunningTask } from '../task/current-task.js';
import type { CallOptions, TaskOptions } from '../task/task-options.js';

/** A call by name: arguments and options in one. */
export interface TaskCall extends CallOptions {
  readonly args?: readonly unknown[] | undefined;
  readonly kwargs?: Readonly<Record<string, unknown>> | undefined;
}

/** What a call takes from its client. */
export interface CallClock {
  readonly clock: Clock;
  readonly newId: () => string;
  readonly origin: string;
  /** Where results are heard; goes with each message. */
  readonly replyTo?: string | undefined;
}

/** All that a call may say; compared with its type. */
const callOptions: Readonly<Record<keyof TaskCall, true>> = {
  args: true,
  kwargs: true,
  queue: true,
  exchange: true,
  routingKey: true,
  priority: true,
  serializer: true,
  compression: true,
  expires: true,
  ignoreResult: true,
  headers: true,
  stamps: true,
  taskId: true,
  idempotencyKey: true,
  idempotencyTtl: true,
  countdown: true,
  eta: true,
  shadow: true,
  argsrepr: true,
  kwargsrepr: true,
  timeLimit: true,
  softTimeLimit: true,
};

export const noArgs: readonly unknown[] = [];
export const noKwargs: Readonly<Record<string, unknown>> = {};

/**
 * Makes the message of a call: options of the call over those of the task, spans of time turned into dates, and the
 * lineage of the task that sends it.
 *
 * @throws LOVAGE_OPTION_INVALID for options that make no sense
 */
export function messageOf(
  name: string,
  call: TaskCall,
  task: TaskOptions | undefined,
  routedPriority: number | undefined,
  { clock, newId, origin, replyTo }: CallClock,
  running: RunningTask | undefined,
): TaskMessage {
  for (const option in call) if (!Object.hasOwn(callOptions, option)) throw unknownOption(option, call);
  const id = call.taskId ?? newId();
  const expires = call.expires ?? task?.expires;
  return {
    id,
    task: name,
    args: call.args ?? noArgs,
    kwargs: call.kwargs ?? noKwargs,
    embed: noEmbed,
    shadow: call.shadow,
    eta: etaOf(call, clock),
    expires: expires === undefined ? undefined : dateOf(expires, clock, 'expires'),
    group: undefined,
    groupIndex: undefined,
    retries: 0,
    timeLimit: secondsOf(call.timeLimit ?? task?.timeLimit, 'timeLimit'),
    softTimeLimit: secondsOf(call.softTimeLimit ?? task?.softTimeLimit, 'softTimeLimit'),
    rootId: running?.context.rootId ?? id,
    parentId: running?.context.id,
    argsrepr: call.argsrepr,
    kwargsrepr: call.kwargsrepr,
    origin,
    ignoreResult: call.ignoreResult ?? task?.ignoreResult ?? false,
    replacedTaskNesting: undefined,
    stamps: call.stamps,
    headers: task?.headers === undefined ? call.headers : { ...task.headers, ...call.headers },
    replyTo,
    priority: call.priority ?? routedPriority ?? task?.priority,
  };
}

/** As the wire has them. */
const secondsOf = (span: Duration | undefined, option: string): number | undefined =>
  span === undefined ? undefined : durationMs(span, option) / 1000;

/** A misspelt option would change nothing, and nobody would notice. */
function unknownOption(option: string, call: object): Error {
  const expected = `one of ${Object.keys(callOptions).join(', ')}`;
  const got: unknown = Object.getOwnPropertyDescriptor(call, option)?.value;
  return OPTION_INVALID.create({ problems: [{ option, expected, got }] });
}

function etaOf(call: TaskCall, clock: Clock): Date | undefined {
  if (call.eta === undefined && call.countdown === undefined) return undefined;
  if (call.eta !== undefined && call.countdown !== undefined) {
    throw OPTION_INVALID.create({
      problems: [{ option: 'countdown', expected: 'absent when "eta" is given', got: call.countdown }],
    });
  }
  if (call.eta !== undefined) return dateOf(call.eta, clock, 'eta');
  return call.countdown === undefined ? undefined : dateOf(call.countdown, clock, 'countdown');
}

function dateOf(value: Date | Parameters<typeof durationMs>[0], clock: Clock, option: string): Date {
  const date = value instanceof Date ? value : new Date(clock.wallNow() + durationMs(value, option));
  if (Number.isNaN(date.getTime())) {
    throw OPTION_INVALID.create({ problems: [{ option, expected: 'a valid date', got: String(value) }] });
  }
  return date;
}
