import { isLovageError } from '../errors/lovage-error.js';
import {
  CONTENT_REFUSED,
  HOSTILE_KEY,
  MESSAGE_INVALID,
  MESSAGE_TOO_LARGE,
  type MessageIdentity,
} from '../errors/message-errors.js';
import type { DecodeContext } from './codec-context.js';
import { decompressBody } from './compression.js';
import { encodedLength, isLongerThan } from './encoded.js';
import { checkedHeader, extraHeaders } from './extra-headers.js';
import {
  type HeaderFields,
  optionalBoolean,
  optionalCount,
  optionalText,
  optionalTime,
  requiredArray,
  requiredObject,
  requiredText,
  timeLimits,
} from './header-fields.js';
import { isPlainObject } from './hostile-keys.js';
import { readLegacyBody } from './legacy-body.js';
import type { MessageLimits } from './message-limits.js';
import { peekIdentity } from './peek-identity.js';
import { readEmbed } from './read-embed.js';
import { serializerOf } from './serializers.js';
import { readTaskBody } from './task-body.js';
import type { TaskMessage } from './task-message.js';
import type { WireMessage } from './wire-message.js';
import { WrittenTask } from './written-task.js';

export interface DecodeOptions {
  /** Content types that are read, see `contentTypes`. */
  readonly acceptContent: ReadonlySet<string>;
  readonly limits: MessageLimits;
}

/**
 * Reads a task message of Celery's protocol 2 or 1, or of the hybrid of both. Size, nesting and decompressed size are
 * bounded before anything is parsed, and nothing in the message is ever executed. Every failure is one of these errors,
 * with the id and name of the task as far as these could be read.
 *
 * @throws LOVAGE_CONTENT_REFUSED, LOVAGE_MESSAGE_TOO_LARGE, LOVAGE_MESSAGE_TOO_DEEP, LOVAGE_COMPRESSION_UNKNOWN,
 *   LOVAGE_BODY_UNDECODABLE, LOVAGE_HOSTILE_KEY, LOVAGE_MESSAGE_INVALID
 */
export function decodeTask(message: WireMessage, options: DecodeOptions): TaskMessage {
  try {
    const own = message instanceof WrittenTask ? message.read(options) : undefined;
    return own ?? readMessage(message, options, new MessageContext(message, options.limits));
  } catch (error) {
    if (isLovageError(error)) throw error;
    throw MESSAGE_INVALID.create({ ...peekIdentity(message), problem: 'it can not be read' }, error);
  }
}

/** Reads the identity only when an error is made. */
class MessageContext implements DecodeContext {
  constructor(
    private readonly message: WireMessage,
    readonly limits: MessageLimits,
  ) {}

  get identity(): MessageIdentity {
    return peekIdentity(this.message);
  }
}

function readMessage(message: WireMessage, options: DecodeOptions, context: MessageContext): TaskMessage {
  const { headers } = message;
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers))
    throw invalid(context, 'it has no headers');
  // A decoder of AMQP tables may have taken the key "__proto__" literally.
  if (!isPlainObject(headers)) throw HOSTILE_KEY.create({ ...context.identity, key: '__proto__' });
  const value = readBody(message, options, context);
  const hasTask = headers['task'] !== undefined && headers['task'] !== null;
  if (Array.isArray(value)) {
    if (!hasTask) throw invalid(context, 'it has no "task" header');
    if (value.length !== 3) throw invalid(context, 'the body is no array of three elements');
    const [args, kwargs, embed] = value as unknown[];
    return readCall(message, headers, args, kwargs, embed, false, context);
  }
  if (typeof value !== 'object' || value === null || !((hasTask ? 'args' : 'task') in value)) {
    throw invalid(
      context,
      'it is no task message: the body is neither [args, kwargs, embed] nor an object with a task',
    );
  }
  const call = readLegacyBody(value as Readonly<Record<string, unknown>>, headers, hasTask);
  return readCall(message, call.fields, call.args, call.kwargs, call.embed, call.naiveIsLocal, context);
}

function readBody(
  message: WireMessage,
  { acceptContent, limits }: DecodeOptions,
  context: MessageContext,
): unknown {
  const { contentType, headers } = message;
  const serializer = acceptContent.has(contentType) ? serializerOf(contentType) : undefined;
  if (serializer === undefined) {
    throw CONTENT_REFUSED.create({
      ...context.identity,
      contentType: shortText(contentType),
      accepted: [...acceptContent],
    });
  }
  let { body } = message;
  if (typeof body !== 'string' && !Buffer.isBuffer(body)) throw invalid(context, 'it has no body');
  if (isLongerThan(body, limits.maxBytes)) {
    throw MESSAGE_TOO_LARGE.create({
      ...context.identity,
      bytes: encodedLength(body),
      limit: limits.maxBytes,
      stage: 'encoded',
    });
  }
  const { compression } = headers;
  if (compression !== undefined && compression !== null) {
    if (typeof compression !== 'string') throw invalid(context, '"compression" is no text');
    body = decompressBody(compression, body, contentType, context);
  }
  return readTaskBody(body, serializer, context);
}

function readCall(
  { headers, properties }: WireMessage,
  fields: HeaderFields,
  args: unknown,
  kwargs: unknown,
  embed: unknown,
  naiveIsLocal: boolean,
  context: MessageContext,
): TaskMessage {
  const task = requiredText(fields.task, 'task', fields);
  const id = requiredText(fields.id, 'id', fields);
  const limits = timeLimits(fields.timelimit, fields);
  return {
    id,
    task,
    args: requiredArray(args, 'args', fields),
    kwargs: requiredObject(kwargs, 'kwargs', fields),
    embed: readEmbed(embed, fields),
    shadow: optionalText(fields.shadow, 'shadow', fields) || undefined,
    eta: optionalTime(fields.eta, 'eta', fields, naiveIsLocal),
    expires: optionalTime(fields.expires, 'expires', fields, naiveIsLocal),
    group: optionalText(fields.group, 'group', fields) || undefined,
    groupIndex: optionalCount(fields.group_index, 'group_index', fields),
    retries: optionalCount(fields.retries, 'retries', fields) ?? 0,
    timeLimit: limits.hard,
    softTimeLimit: limits.soft,
    rootId: optionalText(fields.root_id, 'root_id', fields) || id,
    parentId: optionalText(fields.parent_id, 'parent_id', fields) || undefined,
    argsrepr: optionalText(fields.argsrepr, 'argsrepr', fields),
    kwargsrepr: optionalText(fields.kwargsrepr, 'kwargsrepr', fields),
    origin: optionalText(fields.origin, 'origin', fields),
    ignoreResult: optionalBoolean(fields.ignore_result, 'ignore_result', fields),
    replacedTaskNesting: optionalCount(fields.replaced_task_nesting, 'replaced_task_nesting', fields),
    stamps: stampsOf(fields, context),
    headers: extraHeaders(headers, context),
    replyTo: properties?.replyTo || undefined,
    priority: priorityOf(properties?.priority, context),
  };
}

function stampsOf(fields: HeaderFields, context: MessageContext): TaskMessage['stamps'] {
  const value = fields.stamps;
  if (value === undefined || value === null) return undefined;
  const stamps = requiredObject(value, 'stamps', fields);
  if (Object.keys(stamps).length === 0) return undefined;
  checkedHeader(stamps, context);
  return stamps;
}

function priorityOf(value: unknown, context: MessageContext): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 255) return value;
  throw invalid(context, 'the property "priority" is not from 0 to 255');
}

const invalid = (context: MessageContext, problem: string): Error =>
  MESSAGE_INVALID.create({ ...context.identity, problem });

const shortText = (value: unknown): string =>
  typeof value === 'string' ? value.slice(0, 200) : typeof value;
