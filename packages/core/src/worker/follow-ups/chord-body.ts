import { bodyId, errbacksOf } from '../../canvas/fail-all.js';
import { CHORD_FAILED } from '../../errors/canvas-errors.js';
import { type Encoded, encodedBytes } from '../../message/encoded.js';
import type { DecodeOptions } from '../../message/decode-task.js';
import { resultTuples } from '../../message/result-tuples.js';
import type { ResultTuple } from '../../message/result-record.js';
import { serializerFor } from '../../message/serializers.js';
import type { SignatureJson } from '../../message/signature-json.js';
import { TaskState } from '../../message/task-state.js';
import type { Joined } from '../../ports/chord-part.js';
import { reprOfError } from './error-repr.js';
import { callErrbacks } from './follow-failure.js';
import {
  failureRecord,
  type FollowUps,
  Following,
  type FollowParts,
  type JoiningPart,
  type Origin,
} from './following.js';

interface Part {
  readonly id: string;
  readonly state: string;
  readonly result: unknown;
}

/**
 * What follows a chord whose parts are all there: its body with their values, or, when one of them has not succeeded, its end with one clear
 * error. The ids are those of the chord, whoever completes it.
 *
 * @param last the task that has completed it: the parent of what follows
 */
export function chordBody(
  { part, body }: JoiningPart,
  { documents, structure }: Extract<Joined, { kind: 'complete' }>,
  last: Origin,
  parts: FollowParts,
  decoding: DecodeOptions,
): FollowUps {
  try {
    const all = documents.map((document) => readPart(document, decoding));
    const failed = all.find(({ state }) => state !== TaskState.SUCCESS);
    if (failed !== undefined) {
      const error = CHORD_FAILED.create({ taskId: failed.id, reason: reprOfError(failed.result) });
      return chordFailure(part.groupId, body, error, last, parts);
    }
    const following = new Following(parts, { ...last, id: last.id }, `chord:${part.groupId}`);
    following.apply(body, [valuesOf(all, structure, decoding)]);
    return following;
  } catch (error) {
    // Parts that can not be read, or a body that can not be written: nobody would ever hear of it.
    return chordFailure(part.groupId, body, error, last, parts);
  }
}

/** The end of a chord without its body: the error under every id of the body, and its callbacks for failures. */
export function chordFailure(
  groupId: string,
  body: SignatureJson,
  error: unknown,
  last: Origin,
  parts: FollowParts,
): FollowUps {
  const id = bodyId(body) ?? groupId;
  const following = new Following(parts, { ...last, id }, `chord-failure:${groupId}`);
  const failure = failureRecord(TaskState.FAILURE, error);
  following.fail([body], failure);
  callErrbacks(
    errbacksOf(body),
    { id, task: body.task, rootId: last.rootId, parentId: last.id },
    failure,
    following,
  );
  return following;
}

const BRACKET = 0x5b;

/** Celery's form of a part: `[1, id, state, result]`. */
function readPart(document: Encoded, { acceptContent, limits }: DecodeOptions): Part {
  const first = encodedBytes(document)[0] ?? 0;
  const name = first === BRACKET ? 'json' : first >= 0x80 ? 'msgpack' : 'yaml';
  const serializer = serializerFor(name);
  if (!acceptContent.has(serializer.contentType))
    throw new Error(`a part of the chord is written as ${name}, which is not accepted`);
  const value = serializer.deserialize(document, { limits, identity: {} });
  if (!Array.isArray(value) || typeof value[1] !== 'string' || typeof value[2] !== 'string')
    throw new Error('a part of the chord can not be read');
  return { id: value[1], state: value[2], result: value[3] as unknown };
}

/** In the order of the header; nested where members of it are groups. */
function valuesOf(
  all: readonly Part[],
  structure: Encoded | undefined,
  { limits }: DecodeOptions,
): readonly unknown[] {
  if (structure === undefined) return all.map(({ result }) => result);
  const json = serializerFor('json').deserialize(structure, { limits, identity: {} });
  const [group] = resultTuples([(json as { readonly result?: unknown }).result]);
  const members = group?.[1];
  if (members === undefined || members === null) return all.map(({ result }) => result);
  const values = new Map(all.map(({ id, result }) => [id, result]));
  const valueOf = ([[id], own]: ResultTuple): unknown => {
    if (own !== null) return own.map(valueOf);
    const value = values.get(id);
    values.delete(id);
    return value;
  };
  const known = members.map(valueOf);
  // What members have added has no place in it.
  return [...known, ...values.values()];
}
