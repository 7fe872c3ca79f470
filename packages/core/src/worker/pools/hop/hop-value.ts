import { MESSAGE_TOO_LARGE } from '../../../errors/message-errors.js';
import type { EncodeContext } from '../../../message/codec-context.js';
import { encodedLength, isLongerThan } from '../../../message/encoded.js';
import { plainJsonCost } from '../../../message/json-plain.js';
import { readJson } from '../../../message/json-reader.js';
import { readTypedValues } from '../../../message/json-typed-values.js';
import { writeJson } from '../../../message/json-writer.js';
import { TypedValue, type TypedValueKind } from '../../../message/typed-value.js';

/** A value between parent and child: as it is where JSON writes it exactly, else as the text that Celery's typed JSON has for it. */
export type HopValue = { readonly value: unknown } | { readonly text: string };

/**
 * @throws LOVAGE_VALUE_UNSERIALIZABLE, LOVAGE_MESSAGE_TOO_DEEP, LOVAGE_MESSAGE_TOO_LARGE, LOVAGE_HOSTILE_KEY: what the result
 *   store would say of the value, too
 */
export function toHopValue(value: unknown, context: EncodeContext): HopValue {
  if (isPlain(value, context)) return { value };
  const text = writeJson(value, context, 1);
  if (!isLongerThan(text, context.maxBytes)) return { text };
  throw MESSAGE_TOO_LARGE.create({
    ...context.identity,
    bytes: encodedLength(text),
    limit: context.maxBytes,
    stage: 'encoded',
  });
}

/** The value that was given to {@link toHopValue}, or one that no serializer writes differently. */
export function fromHopValue(hop: HopValue): unknown {
  return 'text' in hop ? readTypedValues(keepTypes(readJson(hop.text))) : hop.value;
}

function isPlain(value: unknown, { limits, maxBytes }: EncodeContext): boolean {
  try {
    return plainJsonCost(value, limits.maxDepth - 1, maxBytes) >= 0;
  } catch {
    // A getter or a proxy threw: the exact writer finds it and says where.
    return false;
  }
}

const kept: ReadonlySet<unknown> = new Set<TypedValueKind>(['decimal', 'uuid', 'date', 'time']);

/** A reader of messages takes these for text; here they are on their way to a writer, which must write them as they were. */
function keepTypes(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => keepTypes(item));
  const object = value as Record<string, unknown>;
  if (kept.has(object['__type__'])) {
    const inner = object['__value__'];
    const text = object['__type__'] === 'uuid' ? readTypedValues(object) : inner;
    if (typeof text === 'string') return new TypedValue(object['__type__'] as TypedValueKind, text);
  }
  for (const key of Object.keys(object)) object[key] = keepTypes(object[key]);
  return object;
}
