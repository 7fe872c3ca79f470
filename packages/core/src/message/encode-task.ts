import { MESSAGE_INVALID, MESSAGE_TOO_LARGE } from '../errors/message-errors.js';
import type { EncodeContext, JsonTypes } from './codec-context.js';
import type { CompressionName, SerializerName } from './codec-names.js';
import { compressBody } from './compression.js';
import { type Encoded, encodedLength, isLongerThan } from './encoded.js';
import { formatIsoTime } from './iso-time.js';
import type { MessageLimits } from './message-limits.js';
import { reprOfArgs, reprOfKwargs } from './python-repr.js';
import { serializerFor } from './serializers.js';
import { writeTaskBody } from './task-body.js';
import type { TaskMessage } from './task-message.js';
import { headerValue, mergeUserHeaders } from './user-headers.js';
import type { MessageProperties, WireHeaders, WireMessage } from './wire-message.js';

export interface EncodeOptions {
  readonly serializer: SerializerName;
  /** Default: none. */
  readonly compression?: CompressionName | undefined;
  readonly limits: MessageLimits;
  /** Default `typed`. */
  readonly jsonTypes?: JsonTypes | undefined;
  /** The present time, milliseconds since 1970: sets the property `expiration` of a message that expires. */
  readonly nowMs?: number | undefined;
}

const noTimeLimits: readonly null[] = Object.freeze([null, null]);
/** RabbitMQ closes the channel on a longer one. */
const maxExpirationMs = 0xff_ff_ff_ff;

/**
 * Writes a task call as a message of Celery's protocol 2.
 *
 * @throws LOVAGE_MESSAGE_INVALID for a call that no worker could read, or user headers that name a protocol header
 * @throws LOVAGE_VALUE_UNSERIALIZABLE, LOVAGE_MESSAGE_TOO_DEEP, LOVAGE_MESSAGE_TOO_LARGE, LOVAGE_HOSTILE_KEY
 * @throws LOVAGE_COMPRESSION_UNKNOWN, LOVAGE_SERIALIZER_UNKNOWN
 */
export function encodeTask(message: TaskMessage, options: EncodeOptions): WireMessage {
  refuseInvalid(message);
  const serializer = serializerFor(options.serializer);
  const { limits, compression } = options;
  const context: EncodeContext = {
    limits,
    jsonTypes: options.jsonTypes ?? 'typed',
    where: 'args',
    maxBytes: compression === undefined ? limits.maxBytes : limits.maxDecompressedBytes,
    identity: { taskId: message.id, taskName: message.task },
  };
  let body = writeTaskBody(message, serializer, context);
  refuseLarge(body, context.maxBytes, message);
  let headers = headersOf(message, context);
  if (message.headers !== undefined) headers = mergeUserHeaders(headers, message.headers, context);
  if (compression !== undefined) {
    const compressed = compressBody(compression, body, context.identity);
    headers = { ...headers, compression: compressed.header };
    ({ body } = compressed);
    refuseLarge(body, limits.maxBytes, message);
  }
  return {
    contentType: serializer.contentType,
    contentEncoding: serializer.contentEncoding,
    headers,
    properties: propertiesOf(message, options.nowMs),
    body,
  };
}

function headersOf(message: TaskMessage, context: EncodeContext): WireHeaders {
  const { timeLimit, softTimeLimit } = message;
  const headers = {
    lang: 'js',
    task: message.task,
    id: message.id,
    shadow: message.shadow ?? null,
    eta: timeText(message, 'eta'),
    expires: timeText(message, 'expires'),
    group: message.group ?? null,
    group_index: message.groupIndex ?? null,
    retries: message.retries,
    timelimit:
      timeLimit === undefined && softTimeLimit === undefined
        ? noTimeLimits
        : [timeLimit ?? null, softTimeLimit ?? null],
    root_id: message.rootId,
    parent_id: message.parentId ?? null,
    argsrepr: message.argsrepr ?? reprOfArgs(message.args),
    kwargsrepr: message.kwargsrepr ?? reprOfKwargs(message.kwargs),
    origin: message.origin ?? null,
    ignore_result: message.ignoreResult ?? null,
  };
  const { replacedTaskNesting = 0, stamps } = message;
  if (replacedTaskNesting === 0 && stamps === undefined) return headers;
  // Of Celery 5.3 and later, which read them as 0 and none where they are absent: 66 bytes for nearly every message.
  return {
    ...headers,
    replaced_task_nesting: replacedTaskNesting,
    ...(stamps !== undefined && {
      stamped_headers: Object.keys(stamps),
      stamps: headerValue(stamps, 'stamps', context),
    }),
  };
}

function timeText(message: TaskMessage, field: 'eta' | 'expires'): string | null {
  const time = message[field];
  if (time === undefined) return null;
  const text = formatIsoTime(time);
  if (text === undefined) throw invalid(message, `"${field}" is no date in the years 1 to 9999`);
  return text;
}

export function propertiesOf(message: TaskMessage, nowMs: number | undefined): MessageProperties {
  const { id, replyTo, priority, expires } = message;
  if (replyTo === undefined && priority === undefined && (nowMs === undefined || expires === undefined)) {
    return { correlationId: id, deliveryMode: 2 };
  }
  const expirationMs =
    nowMs === undefined || expires === undefined
      ? Number.NaN
      : Math.max(0, Math.trunc(expires.getTime() - nowMs));
  return {
    correlationId: id,
    deliveryMode: 2,
    ...(replyTo === undefined ? undefined : { replyTo }),
    ...(priority === undefined ? undefined : { priority }),
    // A longer one is not told to the broker; workers look at the header in any case.
    ...(expirationMs <= maxExpirationMs ? { expiration: String(expirationMs) } : undefined),
  };
}

/** @throws LOVAGE_MESSAGE_INVALID */
export function refuseInvalid(message: TaskMessage): void {
  const { id, task, args, kwargs, retries, rootId, groupIndex, timeLimit, softTimeLimit, priority } = message;
  if (typeof task !== 'string' || task === '') throw invalid(message, 'the task name is empty or no text');
  if (typeof id !== 'string' || id === '') throw invalid(message, 'the task id is empty or no text');
  if (typeof rootId !== 'string' || rootId === '') throw invalid(message, 'the root id is empty or no text');
  if (!Array.isArray(args)) throw invalid(message, '"args" is no array');
  if (typeof kwargs !== 'object' || kwargs === null || Array.isArray(kwargs))
    throw invalid(message, '"kwargs" is no object');
  if (!isCount(retries)) throw invalid(message, '"retries" is no whole number from 0');
  if (groupIndex !== undefined && !isCount(groupIndex))
    throw invalid(message, '"groupIndex" is no whole number from 0');
  if (timeLimit !== undefined && !isLimit(timeLimit))
    throw invalid(message, '"timeLimit" is no number of seconds');
  if (softTimeLimit !== undefined && !isLimit(softTimeLimit))
    throw invalid(message, '"softTimeLimit" is no number of seconds');
  if (priority !== undefined && !(isCount(priority) && priority <= 255))
    throw invalid(message, '"priority" is not from 0 to 255');
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
const isLimit = (value: number): boolean => Number.isFinite(value) && value >= 0;

const invalid = (message: TaskMessage, problem: string): Error =>
  MESSAGE_INVALID.create({ taskId: message.id, taskName: message.task, problem });

function refuseLarge(body: Encoded, limit: number, { id, task }: TaskMessage): void {
  if (!isLongerThan(body, limit)) return;
  const bytes = encodedLength(body);
  throw MESSAGE_TOO_LARGE.create({ taskId: id, taskName: task, bytes, limit, stage: 'encoded' });
}
