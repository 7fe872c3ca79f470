import { types } from 'node:util';
import { HOSTILE_KEY, MESSAGE_TOO_DEEP } from '../errors/message-errors.js';
import type { DecodeContext } from './codec-context.js';
import type { HeaderFields } from './header-fields.js';
import { HostileKey, isPlainObject, refuseHostileKeys } from './hostile-keys.js';
import { protocolHeaders } from './user-headers.js';
import type { WireHeaders } from './wire-message.js';

/** Written by transports about one delivery; they are no part of the call. */
const transportHeaders: ReadonlySet<string> = new Set(['redelivered']);

/**
 * Collects the headers that are not Celery's own: the ones that a user gave.
 *
 * @throws LOVAGE_HOSTILE_KEY, LOVAGE_MESSAGE_TOO_DEEP
 */
export function extraHeaders(
  headers: WireHeaders,
  context: DecodeContext,
): Readonly<Record<string, unknown>> | undefined {
  if (countOf(headers) === countOfOwn(headers)) return undefined;
  checkedKeys(headers, context);
  let extra: Record<string, unknown> | undefined;
  for (const name of Object.keys(headers)) {
    if (protocolHeaders.has(name) || transportHeaders.has(name)) continue;
    const value = checkedHeader(headers[name], context);
    extra ??= {};
    extra[name] = value;
  }
  return extra;
}

/** Makes no array of the names; what somebody has added to all objects counts, too, and then the names are looked at. */
function countOf(headers: WireHeaders): number {
  let count = 0;
  // reason: only counts.
  // oxlint-disable-next-line guard-for-in, no-unused-vars, no-underscore-dangle
  for (const _name in headers) count += 1;
  return count;
}

/** How many headers are the ones that every message has: so a usual message is known without a look-up for each name. */
function countOfOwn(headers: HeaderFields): number {
  let count = 0;
  if (headers.lang !== undefined) count++;
  if (headers.task !== undefined) count++;
  if (headers.id !== undefined) count++;
  if (headers.shadow !== undefined) count++;
  if (headers.eta !== undefined) count++;
  if (headers.expires !== undefined) count++;
  if (headers.group !== undefined) count++;
  if (headers.group_index !== undefined) count++;
  if (headers.retries !== undefined) count++;
  if (headers.timelimit !== undefined) count++;
  if (headers.root_id !== undefined) count++;
  if (headers.parent_id !== undefined) count++;
  if (headers.argsrepr !== undefined) count++;
  if (headers.kwargsrepr !== undefined) count++;
  if (headers.origin !== undefined) count++;
  if (headers.ignore_result !== undefined) count++;
  if (headers.replaced_task_nesting !== undefined) count++;
  if (headers.stamped_headers !== undefined) count++;
  if (headers.stamps !== undefined) count++;
  return count;
}

/**
 * Looks a header's value through for keys that could pollute a prototype; some readers of AMQP tables have set the
 * prototype already, which is seen, too.
 *
 * @throws LOVAGE_HOSTILE_KEY, LOVAGE_MESSAGE_TOO_DEEP
 */
export function checkedHeader(value: unknown, context: DecodeContext): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { maxDepth } = context.limits;
  const isBounded = named(context, () => isShallow(value, maxDepth - 1));
  if (!isBounded) throw MESSAGE_TOO_DEEP.create({ ...context.identity, limit: maxDepth });
  return value;
}

function checkedKeys(headers: WireHeaders, context: DecodeContext): void {
  named(context, () => refuseHostileKeys(headers));
}

function named<T>(context: DecodeContext, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof HostileKey) throw HOSTILE_KEY.create({ ...context.identity, key: error.key });
    throw error;
  }
}

function isShallow(value: object, depth: number): boolean {
  if (depth <= 0) return false;
  const items: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  if (!Array.isArray(value) && !types.isUint8Array(value) && !types.isDate(value)) {
    if (!isPlainObject(value)) throw new HostileKey('__proto__');
    refuseHostileKeys(value);
  }
  return items.every((item) => typeof item !== 'object' || item === null || isShallow(item, depth - 1));
}
