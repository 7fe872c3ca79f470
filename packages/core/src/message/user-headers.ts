import { HOSTILE_KEY, MESSAGE_INVALID } from '../errors/message-errors.js';
import type { EncodeContext } from './codec-context.js';
import { callFieldNames, newerFieldNames } from './header-fields.js';
import { JsonText } from './json-writer.js';
import { walkValue } from './value-walk.js';
import type { WireHeaders } from './wire-message.js';

/** Headers of Celery's protocol 2, which users may not set. */
export const protocolHeaders: ReadonlySet<string> = new Set([
  ...callFieldNames,
  ...newerFieldNames,
  'compression',
]);

/**
 * Adds the headers of a user at the top level. Only JSON values travel in headers, on every broker.
 *
 * @throws LOVAGE_MESSAGE_INVALID for a protocol header, LOVAGE_VALUE_UNSERIALIZABLE, LOVAGE_HOSTILE_KEY
 */
export function mergeUserHeaders(
  headers: WireHeaders,
  user: Readonly<Record<string, unknown>>,
  context: EncodeContext,
): WireHeaders {
  const merged: Record<string, unknown> = { ...headers };
  for (const name of Object.keys(user)) {
    if (name === '__proto__') throw HOSTILE_KEY.create({ ...context.identity, key: name });
    if (protocolHeaders.has(name)) {
      const problem = `the header "${name}" belongs to the protocol and can not be set by "headers"`;
      throw MESSAGE_INVALID.create({ ...context.identity, problem });
    }
    const value = user[name];
    if (value !== undefined) merged[name] = headerValue(value, name, context);
  }
  return merged;
}

/** A copy, so that a change made by the caller afterwards does not reach the message. */
export function headerValue(value: unknown, name: string, context: EncodeContext): unknown {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  const sink = new HeaderText(true);
  walkValue(value, sink, 'json', { ...context, where: `headers.${name}` }, 1);
  return JSON.parse(sink.text);
}

const onlyJson = 'has no JSON form that every broker carries (write it as text)';

/** JSON without anything that needs a typed value or more than JSON. */
class HeaderText extends JsonText {
  override number(value: number): string | undefined {
    if (!Number.isFinite(value)) return onlyJson;
    return super.number(value);
  }

  override bigint(): string {
    return onlyJson;
  }

  override date(): string {
    return onlyJson;
  }

  override bytes(): string {
    return onlyJson;
  }

  override typed(): string {
    return onlyJson;
  }
}
