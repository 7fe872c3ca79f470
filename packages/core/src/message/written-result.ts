import type { DecodeOptions } from './decode-task.js';
import type { Encoded } from './encoded.js';
import { scanJson } from './json-scan.js';
import { fromJson, toJson } from './json-serializer.js';
import { isPlainPrimitive, type PlainPrimitive } from './plain-primitive.js';
import { decodeResult, encodeContext, jsonType, type ResultEncodeOptions } from './result-document.js';
import type { ResultRecord, ResultTuple } from './result-record.js';
import { resultText } from './result-text.js';

/** Names, a time and brackets around the value and the ids of a document. */
const mostAround = 256;
/** JSON writes one unit of text with this many bytes at most. */
const mostBytesEach = 6;
const noChildren: readonly ResultTuple[] = [];

/**
 * A JSON record of a task without error and children, as this process has written it for a store. Most records are never
 * read, or read in this process, so the document is put together when somebody asks for it. The value can not change any
 * more: it is kept as text, or as it is where nobody could change it.
 */
export class WrittenResult {
  private text: string | undefined;

  private constructor(
    readonly taskId: string,
    readonly state: string,
    /** Milliseconds until it may be deleted; `undefined`: kept for ever. */
    readonly ttlMs: number | undefined,
    private readonly doneMs: number | undefined,
    private readonly groupId: string | undefined,
    private readonly parentId: string | undefined,
    private readonly valueText: string | undefined,
    private readonly value: PlainPrimitive,
    /** Where whoever sent the task hears of it, for a store that is not shared. */
    readonly replyTo: string | undefined,
  ) {}

  /**
   * @returns `undefined` for a record that must be encoded at once: it holds more, or may be too large
   * @throws as `encodeResult`
   */
  static of(
    record: ResultRecord,
    options: ResultEncodeOptions,
    ttlMs: number | undefined,
    replyTo?: string,
  ): WrittenResult | undefined {
    if (options.serializer !== 'json' || !isBare(record)) return undefined;
    const { taskId, state, result, dateDone, groupId, parentId } = record;
    const value = isPlainPrimitive(result) ? result : null;
    const valueText = value === result ? undefined : toJson(result, encodeContext(record, options), 1);
    const units =
      lengthOf(valueText) +
      lengthOf(value) +
      taskId.length +
      state.length +
      lengthOf(groupId) +
      lengthOf(parentId);
    if (units * mostBytesEach + mostAround > options.limits.maxBytes) return undefined;
    return new WrittenResult(
      taskId,
      state,
      ttlMs,
      dateDone?.getTime(),
      groupId,
      parentId,
      valueText,
      value,
      replyTo,
    );
  }

  /** Length of the document, within a hundred bytes or so; does not make it. */
  get roughLength(): number {
    return mostAround + lengthOf(this.valueText) + lengthOf(this.value);
  }

  /** As `encodeResult` writes it. */
  get document(): string {
    this.text ??= resultText(this.record(null), this.valueText ?? JSON.stringify(this.value));
    return this.text;
  }

  /** What `decodeResult` reads from the document. */
  read(options: DecodeOptions): ResultRecord {
    const { valueText } = this;
    if (!options.acceptContent.has(jsonType)) return decodeResult(this.document, options);
    if (valueText === undefined) return this.record(this.value);
    const { limits } = options;
    if (valueText.length > limits.maxDecompressedBytes / mostBytesEach)
      return decodeResult(this.document, options);
    // The value stands in one more level.
    return this.record(
      fromJson(valueText, scanJson(valueText, 0, limits.maxDepth - 1), { limits, identity: {} }),
    );
  }

  private record(result: unknown): ResultRecord {
    const { taskId, state, doneMs, groupId, parentId } = this;
    return {
      taskId,
      state,
      result,
      traceback: undefined,
      children: noChildren,
      dateDone: doneMs === undefined ? undefined : new Date(doneMs),
      groupId,
      parentId,
      extended: undefined,
    };
  }
}

/** Length of the document of a record, roughly where it has not been made. */
export const roughLengthOf = (result: { readonly document: Encoded }): number =>
  result instanceof WrittenResult ? result.roughLength : result.document.length;

const isBare = ({ traceback, children, extended, attempts, parked, added }: ResultRecord): boolean =>
  traceback === undefined &&
  children.length === 0 &&
  extended === undefined &&
  attempts === undefined &&
  parked === undefined &&
  added === undefined;

const lengthOf = (value: PlainPrimitive | undefined): number =>
  typeof value === 'string' ? value.length : 0;
