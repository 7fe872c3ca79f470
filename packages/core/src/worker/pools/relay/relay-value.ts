import type { EncodeContext } from '../../../message/codec-context.js';
import { defaultMessageLimits } from '../../../message/message-limits.js';
import { fromHopValue, type HopValue, toHopValue } from '../hop/hop-value.js';

/** What ports are given was checked before; here it only has to arrive. */
const context: EncodeContext = {
  limits: { ...defaultMessageLimits, maxDepth: 1000 },
  jsonTypes: 'typed',
  where: 'call',
  maxBytes: Number.MAX_SAFE_INTEGER,
  identity: {},
};

export const toRelay = (value: unknown): HopValue => toHopValue(copied(value), context);
export const fromRelay = fromHopValue;

/** Messages and records may be made when they are first read, by getters, so each field is read by its name. */
const messageFields = ['contentType', 'contentEncoding', 'headers', 'properties', 'body'];
const recordFields = ['taskId', 'state', 'document', 'ttlMs', 'replyTo'];

function copied(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value;
  if (Array.isArray(value)) return value.map((item) => copied(item));
  if (value instanceof Set) return [...(value as ReadonlySet<unknown>)].map((item) => copied(item));
  if (value instanceof Date) return value;
  const object = value as Readonly<Record<string, unknown>>;
  const fields =
    'contentType' in object && 'body' in object
      ? messageFields
      : 'document' in object && 'taskId' in object
        ? recordFields
        : Object.keys(object);
  return Object.fromEntries(
    fields.filter((field) => object[field] !== undefined).map((field) => [field, copied(object[field])]),
  );
}
