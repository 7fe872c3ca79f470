import { type HeaderFields, invalid, requiredObject } from './header-fields.js';
import { noEmbed } from './no-embed.js';
import { markRead } from './read-signatures.js';
import type { SignatureJson } from './signature-json.js';
import type { Embed } from './task-message.js';

/** Of objects that stand for the same text in several messages. */
const known = new WeakMap<object, Embed>();

/**
 * Reads what follows a task. A field that is missing is null, and a single signature where an array belongs is taken for
 * an array of one, as Celery does.
 *
 * @param fields of the message, for errors
 * @throws LOVAGE_MESSAGE_INVALID
 */
export function readEmbed(value: unknown, fields: HeaderFields): Embed {
  if (value === null || value === undefined || value === noEmbed) return noEmbed;
  const embed = requiredObject(value, 'embed', fields);
  const before = known.get(embed);
  if (before !== undefined) return before;
  const read: Embed = {
    callbacks: signatures(embed['callbacks'], 'callbacks', fields),
    errbacks: signatures(embed['errbacks'], 'errbacks', fields),
    chain: signatures(embed['chain'], 'chain', fields),
    chord:
      embed['chord'] === null || embed['chord'] === undefined
        ? null
        : signature(embed['chord'], 'chord', fields),
  };
  known.set(embed, read);
  return read;
}

function signatures(value: unknown, name: string, fields: HeaderFields): readonly SignatureJson[] | null {
  if (value === null || value === undefined) return null;
  return markRead((Array.isArray(value) ? value : [value]).map((item) => signature(item, name, fields)));
}

/** Fields that a writer left out get their defaults. */
function signature(value: unknown, name: string, fields: HeaderFields): SignatureJson {
  const json = requiredObject(value, name, fields);
  const {
    task,
    args,
    kwargs,
    options,
    subtask_type: subtaskType,
    immutable,
  } = json as Partial<SignatureJson>;
  const isValid =
    typeof task === 'string' &&
    (args === undefined || args === null || Array.isArray(args)) &&
    isObjectOrMissing(kwargs) &&
    isObjectOrMissing(options) &&
    (subtaskType === undefined || subtaskType === null || typeof subtaskType === 'string');
  if (!isValid) throw invalid(fields, `a signature in "${name}" has no task, or a field of a wrong type`);
  return markRead({
    task,
    args: args ?? [],
    kwargs: kwargs ?? {},
    options: options ?? {},
    subtask_type: subtaskType ?? null,
    immutable: immutable === true,
  });
}

const isObjectOrMissing = (value: unknown): boolean =>
  value === undefined || (typeof value === 'object' && !Array.isArray(value));
