import { callFieldNames, type HeaderFields, requiredObject } from './header-fields.js';
import type { WireHeaders } from './wire-message.js';

/** A call whose fields were, all or in part, in the body of its message. */
export interface LegacyCall {
  /** All fields, as they would stand in the headers of protocol 2. */
  readonly fields: HeaderFields;
  readonly args: unknown;
  readonly kwargs: unknown;
  readonly embed: unknown;
  /** Times without an offset are in the zone of the worker. */
  readonly naiveIsLocal: boolean;
}

const noArgs: readonly unknown[] = [];
const noKwargs: Readonly<Record<string, unknown>> = {};

/**
 * Reads a body of protocol 1, which holds everything, or of the hybrid that has both headers and such a body: there the
 * headers win.
 *
 * @param isHybrid the headers have `task`
 * @throws LOVAGE_MESSAGE_INVALID
 */
export function readLegacyBody(
  body: Readonly<Record<string, unknown>>,
  headers: WireHeaders,
  isHybrid: boolean,
): LegacyCall {
  const fields: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const name of callFieldNames) fields[name] = body[name];
  if (isHybrid) Object.assign(fields, headers);
  // The older name of `group` wins, as in Celery.
  else if (body['taskset'] !== undefined) fields['group'] = body['taskset'];
  const { args = noArgs, kwargs = noKwargs, callbacks, errbacks, chord } = body;
  return {
    fields,
    args,
    kwargs: requiredObject(kwargs, 'kwargs', fields),
    embed: { callbacks, errbacks, chord, chain: null },
    naiveIsLocal: body['utc'] === false,
  };
}
