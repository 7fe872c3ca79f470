import type { Encoded } from './encoded.js';
import { type EncodeOptions, encodeTask, propertiesOf, refuseInvalid } from './encode-task.js';
import type { MessageLimits } from './message-limits.js';
import { isNoEmbed } from './no-embed.js';
import { textOfRead, wasRead } from './read-signatures.js';
import { isPlainPrimitive, type PlainPrimitive } from './plain-primitive.js';
import type { TaskMessage } from './task-message.js';
import type { MessageProperties, WireHeaders, WireMessage } from './wire-message.js';

/** Length of a body without arguments, at most. */
const around = 80;
/** Length of a number or word with its comma, at most. */
const wordLength = 32;
/** JSON writes one unit of text with this many bytes at most. */
const mostBytesEach = 6;
/** The arguments stand in two arrays. */
const levels = 2;
const jsonType = 'application/json';

/** What whoever reads a message accepts. */
interface ReadOptions {
  readonly acceptContent: ReadonlySet<string>;
  readonly limits: MessageLimits;
}

/**
 * The JSON message of a call whose arguments nobody can change: text, numbers, true, false, null; what follows it was read from a
 * message. Headers and body are
 * written when they are first asked for. A message that stays in this process is never asked: `decodeTask` takes the call
 * from here.
 */
export class WrittenTask implements WireMessage {
  readonly properties: MessageProperties;
  private wire: WireMessage | undefined;

  private constructor(
    private readonly task: TaskMessage,
    private readonly args: readonly PlainPrimitive[],
    private readonly options: EncodeOptions,
    /** Length of the body, roughly: its bytes are six times as many at most. */
    readonly roughLength: number,
  ) {
    this.properties = propertiesOf(task, options.nowMs);
    this.wire = undefined;
  }

  /**
   * @returns `undefined` for a call that must be encoded at once: it holds more, or may be too large
   * @throws LOVAGE_MESSAGE_INVALID
   */
  static of(task: TaskMessage, options: EncodeOptions): WrittenTask | undefined {
    const { serializer, compression, limits } = options;
    if (serializer !== 'json' || compression !== undefined) return undefined;
    refuseInvalid(task);
    if (!isBare(task)) return undefined;
    const args: PlainPrimitive[] = [];
    let length = around + embedLength(task, options);
    for (let index = 0; index < task.args.length; index += 1) {
      const value = task.args[index];
      if (!isPlainPrimitive(value)) return undefined;
      length += wordLength + (typeof value === 'string' ? value.length : 0);
      args.push(value);
    }
    return surelyFits(length, limits) ? new WrittenTask(task, args, options, length) : undefined;
  }

  get contentType(): string {
    return jsonType;
  }

  get contentEncoding(): string {
    return 'utf-8';
  }

  get taskId(): string {
    return this.task.id;
  }

  /** Frozen. */
  get headers(): WireHeaders {
    return this.written.headers;
  }

  get body(): Encoded {
    return this.written.body;
  }

  /** @returns what `decodeTask` reads from headers and body; `undefined`: these must be read, since they may be refused */
  read({ acceptContent, limits }: ReadOptions): TaskMessage | undefined {
    if (!acceptContent.has(jsonType) || !surelyFits(this.roughLength, limits)) return undefined;
    // How deep it is nested was looked at when it was written.
    if (!isNoEmbed(this.task.embed) && limits.maxDepth < this.options.limits.maxDepth) return undefined;
    return { ...this.task, args: this.args.slice(), kwargs: {} };
  }

  toJSON(): WireMessage {
    return this.written;
  }

  private get written(): WireMessage {
    if (this.wire === undefined) {
      this.wire = encodeTask({ ...this.task, args: this.args, kwargs: {} }, this.options);
      Object.freeze(this.wire.headers);
    }
    return this.wire;
  }
}

/** Writes a task call as `encodeTask` does; where it can, when it is asked for. */
export const writeTask = (task: TaskMessage, options: EncodeOptions): WireMessage =>
  WrittenTask.of(task, options) ?? encodeTask(task, options);

/** Length of the body of a message, roughly where it has not been written. */
export const roughBodyLength = (message: WireMessage): number =>
  message instanceof WrittenTask ? message.roughLength : message.body.length;

const surelyFits = (roughLength: number, { maxBytes, maxDepth }: MessageLimits): boolean =>
  roughLength * mostBytesEach <= maxBytes && levels <= maxDepth;

/** No times, which are objects, and none of what only workflows and special options set. */
function isBare(task: TaskMessage): boolean {
  // reason: looks at the first key only, and makes no array of them.
  // oxlint-disable-next-line no-unreachable-loop, no-underscore-dangle
  for (const _key in task.kwargs) return false;
  return (
    (isNoEmbed(task.embed) || wasRead(task.embed)) &&
    task.headers === undefined &&
    task.eta === undefined &&
    task.expires === undefined &&
    task.stamps === undefined &&
    task.shadow === undefined &&
    task.group === undefined &&
    task.groupIndex === undefined &&
    task.timeLimit === undefined &&
    task.softTimeLimit === undefined &&
    task.parentId !== ''
  );
}

/** Length of the text of what follows; more than any message may have where it can not be written. */
function embedLength(
  { embed, id, task }: TaskMessage,
  { limits, jsonTypes = 'typed' }: EncodeOptions,
): number {
  if (isNoEmbed(embed)) return 0;
  const identity = { taskId: id, taskName: task };
  try {
    return textOfRead(embed, { limits, jsonTypes, where: 'embed', maxBytes: limits.maxBytes, identity })
      .length;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
