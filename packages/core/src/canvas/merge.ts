import type { SignatureJson } from '../message/signature-json.js';

/** Never replaced once it is there: whoever waits for the group counts on it (Celery's `_IMMUTABLE_OPTIONS`). */
const kept = 'group_id';

type Options = SignatureJson['options'];
type Kwargs = SignatureJson['kwargs'];

/** Options of a call over those of a signature. */
export function mergeOptions(own: Options, extra: Options): Options {
  // reason: looks at the first key only, and makes no array of them.
  // oxlint-disable-next-line no-unreachable-loop, no-underscore-dangle
  for (const _key in extra) {
    const merged: Record<string, unknown> = { ...own };
    for (const [name, value] of Object.entries(extra)) {
      if (value !== undefined && (name !== kept || own[kept] === undefined)) merged[name] = value;
    }
    return merged;
  }
  return own;
}

/**
 * Celery's rule for a signature that is applied with more arguments: the new ones come first, keyword arguments and options replace
 * those of the signature; an immutable one takes options only.
 */
export function mergeSignature(
  json: SignatureJson,
  args: readonly unknown[] = [],
  kwargs: Kwargs = {},
  options: Options = {},
): SignatureJson {
  return {
    ...json,
    ...(!json.immutable && args.length > 0 && { args: [...args, ...json.args] }),
    ...(!json.immutable && Object.keys(kwargs).length > 0 && { kwargs: { ...json.kwargs, ...kwargs } }),
    options: mergeOptions(json.options, options),
  };
}
