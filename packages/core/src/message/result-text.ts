import type { DecodeContext } from './codec-context.js';
import type { Encoded } from './encoded.js';
import { formatIsoTime, parseIsoTime } from './iso-time.js';
import { scanJson } from './json-scan.js';
import { fromJson } from './json-serializer.js';
import type { ResultRecord, ResultTuple } from './result-record.js';

/** A text that JSON writes as it is. */
const plainText = /^[\w .:+-]*$/;
const quoted = (text: string): string => (plainText.test(text) ? `"${text}"` : JSON.stringify(text));

/**
 * A result document as JSON text, put together by hand: one is made for every task.
 *
 * @param valueText JSON of `record.result`
 */
export function resultText(record: ResultRecord, valueText: string): string {
  const { traceback, children, dateDone, groupId, parentId, attempts, parked } = record;
  const dateText = dateDone === undefined ? undefined : formatIsoTime(dateDone);
  return (
    `{"status":${quoted(record.state)},"result":${valueText}` +
    `,"traceback":${traceback === undefined ? 'null' : JSON.stringify(traceback)}` +
    `,"children":${children.length === 0 ? '[]' : JSON.stringify(children)}` +
    `,"date_done":${dateText === undefined ? 'null' : `"${dateText}"`}` +
    (groupId === undefined ? '' : `,"group_id":${quoted(groupId)}`) +
    (parentId === undefined ? '' : `,"parent_id":${quoted(parentId)}`) +
    `,"task_id":${quoted(record.taskId)}` +
    (attempts === undefined ? '' : `,"lovage_attempts":${JSON.stringify(attempts)}`) +
    (parked === undefined ? '}' : `,"lovage_parked":${JSON.stringify(parked)}}`)
  );
}

// What the documents of nearly all tasks that succeed have in common. Only the result in them needs to be parsed.
const beforeResult = '{"status":"SUCCESS","result":';
const beforeTime = ',"traceback":null,"children":[],"date_done":"';
const timeLength = '2030-01-02T03:04:05.678000+00:00'.length;
const beforeId = '","task_id":"';
const idLength = '00000000-0000-4000-8000-000000000000'.length;
const afterId = '"}';
const tailLength = beforeTime.length + timeLength + beforeId.length + idLength + afterId.length;
const plainId = /^[\w-]+$/;
const noChildren: readonly ResultTuple[] = [];

/**
 * Reads a document as {@link resultText} writes it for a task that succeeded and has no relatives; a good part of the time
 * of reading any.
 *
 * @returns `undefined` for any other document, and for one that can not be read: the usual way then says why
 */
export function readUsualText(document: Encoded, context: DecodeContext): ResultRecord | undefined {
  const text = document.toString();
  const end = text.length - tailLength;
  if (end <= beforeResult.length) return undefined;
  // Bad bytes become U+FFFD.
  if (typeof document !== 'string' && text.includes('\uFFFD')) return undefined;
  if (!text.startsWith(beforeResult) || !text.startsWith(beforeTime, end) || !text.endsWith(afterId))
    return undefined;
  const timeAt = end + beforeTime.length;
  if (!text.startsWith(beforeId, timeAt + timeLength)) return undefined;
  const idAt = timeAt + timeLength + beforeId.length;
  const taskId = text.slice(idAt, idAt + idLength);
  const dateDone = parseIsoTime(text.slice(timeAt, timeAt + timeLength));
  if (dateDone === undefined || !plainId.test(taskId)) return undefined;
  const result = readResult(text.slice(beforeResult.length, end), context);
  return result === undefined
    ? undefined
    : {
        taskId,
        state: 'SUCCESS',
        result,
        traceback: undefined,
        children: noChildren,
        dateDone,
        groupId: undefined,
        parentId: undefined,
        extended: undefined,
      };
}

/** @returns `undefined` unless what stands between the known parts is one JSON value */
function readResult(text: string, context: DecodeContext): unknown {
  try {
    // It stands in one more level.
    return fromJson(text, scanJson(text, 0, context.limits.maxDepth - 1), context);
  } catch {
    return undefined;
  }
}
