import { BODY_UNDECODABLE, HOSTILE_KEY, MESSAGE_TOO_DEEP } from '../errors/message-errors.js';
import type { DecodeContext, EncodeContext } from './codec-context.js';
import { HostileKey } from './hostile-keys.js';
import { plainJsonCost } from './json-plain.js';
import { readJson } from './json-reader.js';
import { LONG_NUMBER, PLAIN, scanJson, TELLING_KEY, TOO_DEEP } from './json-scan.js';
import { readTypedValues, UnreadableTypedValue } from './json-typed-values.js';
import { writeJson } from './json-writer.js';
import type { Serializer } from './serializer.js';
import { utf8Text } from './utf8-text.js';

const contentType = 'application/json';

/** JSON as kombu writes and reads it, typed values included. */
export const jsonSerializer: Serializer = {
  name: 'json',
  contentType,
  contentEncoding: 'utf-8',
  serialize: (value, context) => toJson(value, context, 0),
  deserialize: (encoded, context) => {
    const text = utf8Text(encoded, contentType, context);
    return fromJson(text, scanJson(encoded, 0, context.limits.maxDepth), context);
  },
};

/**
 * @param outerDepth how many levels the text will be nested in
 * @throws as {@link Serializer.serialize}
 */
export function toJson(value: unknown, context: EncodeContext, outerDepth: number): string {
  try {
    if (plainJsonCost(value, context.limits.maxDepth - outerDepth, context.maxBytes) >= 0) {
      const text = JSON.stringify(value) as string | undefined;
      return text ?? 'null';
    }
  } catch {
    // A getter or a proxy threw: the exact writer finds it and says where.
  }
  return writeJson(value, context, outerDepth);
}

/**
 * @param found what {@link scanJson} has found in the text
 * @throws as {@link Serializer.deserialize}
 */
export function fromJson(text: string, found: number, context: DecodeContext): unknown {
  if (found === TOO_DEEP) {
    throw MESSAGE_TOO_DEEP.create({ ...context.identity, limit: context.limits.maxDepth });
  }
  try {
    if (found === PLAIN) return JSON.parse(text);
    const value: unknown = (found & LONG_NUMBER) === 0 ? JSON.parse(text) : readJson(text);
    return (found & TELLING_KEY) === 0 ? value : readTypedValues(value);
  } catch (error) {
    return readAgain(text, error, context);
  }
}

/** What `JSON.parse` refuses may be Python's NaN; what is wrong is said without showing the text. */
function readAgain(text: string, error: unknown, context: DecodeContext): unknown {
  try {
    if (error instanceof HostileKey || error instanceof UnreadableTypedValue) throw error;
    return readTypedValues(readJson(text));
  } catch (last) {
    if (last instanceof HostileKey) throw HOSTILE_KEY.create({ ...context.identity, key: last.key });
    const problem =
      last instanceof UnreadableTypedValue
        ? `a value of type "${last.type}" can not be read`
        : last instanceof SyntaxError
          ? last.message
          : 'it can not be parsed';
    throw BODY_UNDECODABLE.create({ ...context.identity, contentType, problem });
  }
}
