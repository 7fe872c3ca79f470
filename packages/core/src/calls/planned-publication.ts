import type { PlannedTask } from '../canvas/plan.js';
import type { WallMs } from '../clock/clock.js';
import type { CompressionName, SerializerName } from '../message/codec-names.js';
import { parseIsoTime } from '../message/iso-time.js';
import { noEmbed } from '../message/no-embed.js';
import type { Embed, TaskMessage } from '../message/task-message.js';
import { writeTask } from '../message/written-task.js';
import type { Publication } from '../ports/publication.js';
import type { KnownTask } from '../task/task-definition.js';
import type { SendOptions } from '../task/task-options.js';
import type { CallParts } from './call-parts.js';
import { SentMarker } from './sent-marker.js';

type Options = PlannedTask['options'];

/**
 * The message of a planned task, and where it goes: its options over those of the task, as for a call.
 *
 * @param stamps of the task that it follows; its own replace those of the same name
 * @throws as `encodeTask`
 */
export function publicationOf(
  planned: PlannedTask,
  parts: CallParts,
  stamps?: TaskMessage['stamps'],
): Publication {
  const { task, args, kwargs, options } = planned;
  const definition = parts.registry.known(task);
  const destination = parts.router.route({ task, args, kwargs }, sendOptionsOf(options), definition?.options);
  const message = messageOf(planned, definition, destination.priority, parts, stamps);
  return {
    message: writeTask(message, {
      serializer:
        (text(options, 'serializer') as SerializerName | undefined) ??
        definition?.options.serializer ??
        parts.serializer,
      compression:
        (text(options, 'compression') as CompressionName | undefined) ??
        definition?.options.compression ??
        parts.compression,
      limits: parts.limits,
    }),
    exchange: destination.exchange,
    routingKey: destination.routingKey,
    notBefore: message.eta === undefined ? undefined : (message.eta.getTime() as WallMs),
    sent:
      parts.tracksSent && message.ignoreResult !== true
        ? new SentMarker(message.id, parts.resultTtlMs)
        : undefined,
  };
}

function messageOf(
  planned: PlannedTask,
  definition: KnownTask | undefined,
  routedPriority: number | undefined,
  { clock, origin, replyTo }: CallParts,
  inherited: TaskMessage['stamps'],
): TaskMessage {
  const { options } = planned;
  const task = definition?.options;
  const now = clock.wallNow();
  const expires = options['expires'] ?? task?.expires;
  const countdown = options['countdown'];
  const own = options['headers'];
  const ownHeaders = typeof own === 'object' && own !== null ? (own as Record<string, unknown>) : undefined;
  return {
    id: planned.id,
    task: planned.task,
    args: planned.args,
    kwargs: planned.kwargs,
    embed: embedOf(planned),
    shadow: text(options, 'shadow'),
    eta:
      timeOf(options['eta'], now) ??
      (typeof countdown === 'number' ? new Date(now + countdown * 1000) : undefined),
    expires: timeOf(expires, now),
    group: planned.groupId,
    groupIndex: planned.groupIndex,
    retries: number(options, 'retries') ?? 0,
    timeLimit: number(options, 'time_limit'),
    softTimeLimit: number(options, 'soft_time_limit'),
    rootId: planned.rootId,
    parentId: planned.parentId,
    argsrepr: text(options, 'argsrepr'),
    kwargsrepr: text(options, 'kwargsrepr'),
    origin,
    ignoreResult:
      typeof options['ignore_result'] === 'boolean'
        ? options['ignore_result']
        : (task?.ignoreResult ?? false),
    replacedTaskNesting: number(options, 'replaced_task_nesting'),
    stamps: stampsOf(options, inherited),
    headers: task?.headers === undefined ? ownHeaders : { ...task.headers, ...ownHeaders },
    replyTo: text(options, 'reply_to') ?? replyTo,
    priority: number(options, 'priority') ?? routedPriority ?? task?.priority,
  };
}

function embedOf({ callbacks, errbacks, chain, chord }: PlannedTask): Embed {
  return callbacks === null && errbacks === null && chain === null && chord === null
    ? noEmbed
    : { callbacks, errbacks, chain, chord };
}

/** A time as text, a date, or a number of seconds from now. */
function timeOf(value: unknown, now: number): Date | undefined {
  if (value instanceof Date) return value;
  if (typeof value === 'number') return new Date(now + value * 1000);
  return typeof value === 'string' ? (parseIsoTime(value) ?? spanFrom(value, now)) : undefined;
}

/** Options of a task may give a span as text, such as `10s`. */
function spanFrom(value: string, now: number): Date | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|[smhdw])$/.exec(value);
  const unit = units[match?.[2] ?? ''];
  return unit === undefined ? undefined : new Date(now + Number(match?.[1]) * unit);
}

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Stamps stand under their own names, with a list of these names beside them. */
function stampsOf(options: Options, inherited: TaskMessage['stamps']): TaskMessage['stamps'] {
  const names = options['stamped_headers'];
  if (!Array.isArray(names) || names.length === 0) return inherited;
  const stamps: Record<string, unknown> = { ...inherited };
  for (const name of names) if (typeof name === 'string' && name in options) stamps[name] = options[name];
  return stamps;
}

function sendOptionsOf(options: Options): SendOptions {
  const queue = options['queue'];
  return {
    // Python may put a whole queue there.
    queue:
      typeof queue === 'object' && queue !== null ? text(queue as Options, 'name') : text(options, 'queue'),
    exchange: text(options, 'exchange'),
    routingKey: text(options, 'routing_key'),
  };
}

const text = (options: Options, name: string): string | undefined => {
  const value = options[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

const number = (options: Options, name: string): number | undefined => {
  const value = options[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
};
