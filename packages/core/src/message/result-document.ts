import { CONTENT_REFUSED, MESSAGE_INVALID, MESSAGE_TOO_LARGE } from '../errors/message-errors.js';
import type { DecodeContext, EncodeContext, JsonTypes } from './codec-context.js';
import type { SerializerName } from './codec-names.js';
import type { DecodeOptions } from './decode-task.js';
import { type Encoded, encodedLength, isLongerThan } from './encoded.js';
import { formatIsoTime, parseIsoTime } from './iso-time.js';
import type { MessageLimits } from './message-limits.js';
import { readAttempts } from './attempt-record.js';
import type { ExtendedRecord, ParkRecord, ResultRecord } from './result-record.js';
import { toJson } from './json-serializer.js';
import { readUsualText, resultText } from './result-text.js';
import { resultTuples } from './result-tuples.js';
import { serializerFor, serializerOf } from './serializers.js';

export interface ResultEncodeOptions {
  readonly serializer: SerializerName;
  readonly limits: MessageLimits;
  /** Default `typed`. */
  readonly jsonTypes?: JsonTypes | undefined;
  /** For errors. */
  readonly taskName?: string | undefined;
}

/**
 * Writes Celery's result document. Python reads it, and its `get()` wakes when it is published.
 *
 * @throws LOVAGE_VALUE_UNSERIALIZABLE, LOVAGE_MESSAGE_TOO_DEEP, LOVAGE_MESSAGE_TOO_LARGE, LOVAGE_HOSTILE_KEY for a value
 *   that can not be kept
 */
export function encodeResult(record: ResultRecord, options: ResultEncodeOptions): Encoded {
  const { limits } = options;
  const context = encodeContext(record, options);
  const document =
    options.serializer === 'json' && record.extended === undefined && record.added === undefined
      ? resultText(record, toJson(record.result, context, 1))
      : serializerFor(options.serializer).serialize(documentOf(record), context);
  if (!isLongerThan(document, limits.maxBytes)) return document;
  throw MESSAGE_TOO_LARGE.create({
    ...context.identity,
    bytes: encodedLength(document),
    limit: limits.maxBytes,
    stage: 'encoded',
  });
}

/** What the serializer is told about the value of a record. */
export const encodeContext = (
  record: ResultRecord,
  { limits, jsonTypes = 'typed', taskName }: ResultEncodeOptions,
): EncodeContext => ({
  limits,
  jsonTypes,
  where: 'result',
  maxBytes: limits.maxBytes,
  identity: { taskId: record.taskId, taskName },
});

function documentOf(record: ResultRecord): Record<string, unknown> {
  const { dateDone, groupId, parentId, extended, attempts, parked, added } = record;
  return {
    status: record.state,
    result: record.result,
    traceback: record.traceback ?? null,
    children: record.children,
    date_done: (dateDone && formatIsoTime(dateDone)) ?? null,
    ...(groupId === undefined ? undefined : { group_id: groupId }),
    ...(parentId === undefined ? undefined : { parent_id: parentId }),
    task_id: record.taskId,
    ...extended,
    ...(attempts === undefined ? undefined : { lovage_attempts: attempts }),
    ...(parked === undefined ? undefined : { lovage_parked: parked }),
    ...(added === undefined ? undefined : { lovage_added: added }),
  };
}

/**
 * Reads a result document. Documents carry no content type, so the form is told by the first byte: `{` is JSON, a map marker is
 * msgpack, anything else YAML; each must be in `acceptContent`.
 *
 * @throws LOVAGE_CONTENT_REFUSED, LOVAGE_BODY_UNDECODABLE, LOVAGE_MESSAGE_INVALID, LOVAGE_MESSAGE_TOO_LARGE, LOVAGE_MESSAGE_TOO_DEEP,
 *   LOVAGE_HOSTILE_KEY
 */
export function decodeResult(document: Encoded, { acceptContent, limits }: DecodeOptions): ResultRecord {
  if (isLongerThan(document, limits.maxDecompressedBytes)) {
    throw MESSAGE_TOO_LARGE.create({
      bytes: encodedLength(document),
      limit: limits.maxDecompressedBytes,
      stage: 'encoded',
    });
  }
  const contentType = contentTypeOf(document);
  const serializer = acceptContent.has(contentType) ? serializerOf(contentType) : undefined;
  if (serializer === undefined) throw CONTENT_REFUSED.create({ contentType, accepted: [...acceptContent] });
  const context: DecodeContext = { limits, identity: {} };
  if (contentType === jsonType) {
    const usual = readUsualText(document, context);
    if (usual !== undefined) return usual;
  }
  const value = serializer.deserialize(document, context);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid('it is no object');
  const fields = value as Readonly<Record<string, unknown>>;
  const state = text(fields['status']);
  const taskId = text(fields['task_id']);
  if (state === undefined || taskId === undefined) throw invalid('it has no "status" or no "task_id"');
  const done = text(fields['date_done']);
  return {
    taskId,
    state,
    result: fields['result'],
    traceback: text(fields['traceback']),
    children: resultTuples(fields['children']),
    dateDone: done === undefined ? undefined : parseIsoTime(done),
    groupId: text(fields['group_id']),
    parentId: text(fields['parent_id']),
    extended: 'name' in fields || 'worker' in fields ? extendedOf(fields) : undefined,
    ...('lovage_attempts' in fields ? { attempts: readAttempts(fields['lovage_attempts']) } : undefined),
    ...('lovage_parked' in fields ? { parked: parkedOf(fields['lovage_parked']) } : undefined),
    ...('lovage_added' in fields ? { added: listOf(fields['lovage_added']) } : undefined),
  };
}

const OPEN_BRACE = 0x7b;
export const jsonType = 'application/json';
const yamlType = 'application/x-yaml';

function contentTypeOf(document: Encoded): string {
  if (typeof document === 'string') return document.startsWith('{') ? jsonType : yamlType;
  const first = document[0] ?? 0;
  if (first === OPEN_BRACE) return jsonType;
  return (first >= 0x80 && first <= 0x8f) || first === 0xde || first === 0xdf
    ? 'application/x-msgpack'
    : yamlType;
}

function extendedOf(fields: Readonly<Record<string, unknown>>): ExtendedRecord {
  const { args, kwargs, retries } = fields;
  return {
    name: text(fields['name']),
    args: Array.isArray(args) ? (args as unknown[]) : undefined,
    kwargs:
      typeof kwargs === 'object' && kwargs !== null && !Array.isArray(kwargs)
        ? (kwargs as Record<string, unknown>)
        : undefined,
    worker: text(fields['worker']),
    retries: typeof retries === 'number' ? retries : undefined,
    queue: text(fields['queue']),
  };
}

function parkedOf(value: unknown): ParkRecord | undefined {
  const fields = (value ?? {}) as Readonly<Record<string, unknown>>;
  const [code, line] = [text(fields['code']), text(fields['text'])];
  return code === undefined || line === undefined
    ? undefined
    : { code: code.slice(0, longestReason), text: line.slice(0, longestReason) };
}

/** Characters that are read of the reason for which a message was parked. */
const longestReason = 1000;

const listOf = (value: unknown): readonly unknown[] | undefined =>
  Array.isArray(value) ? (value as unknown[]) : undefined;

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

const invalid = (problem: string): Error =>
  MESSAGE_INVALID.create({ problem: `the result document can not be read: ${problem}` });
