import { durationMs } from '../clock/duration.js';
import { OPTION_INVALID } from '../errors/config-errors.js';
import { formatIsoTime } from '../message/iso-time.js';
import type { SignatureJson } from '../message/signature-json.js';
import type { CallOptions } from '../task/task-options.js';

/** Call options that have another name in Celery. */
const renamed: Readonly<Record<string, string>> = {
  routingKey: 'routing_key',
  taskId: 'task_id',
  ignoreResult: 'ignore_result',
  timeLimit: 'time_limit',
  softTimeLimit: 'soft_time_limit',
};
/** As they stand in signatures. */
const optionNames: ReadonlySet<string> = new Set(
  (
    'queue exchange routing_key priority serializer compression expires ignore_result time_limit ' +
    'soft_time_limit headers task_id countdown eta shadow argsrepr kwargsrepr link link_error chain ' +
    'chord group_id group_index root_id parent_id reply_to retries replaced_task_nesting stamped_headers'
  ).split(' '),
);
const spans: ReadonlySet<string> = new Set(['countdown', 'expires', 'timeLimit', 'softTimeLimit']);

/**
 * Call options in Celery's names and units, as they stand in signatures: spans in seconds, times as text.
 *
 * @throws LOVAGE_OPTION_INVALID
 */
export function signatureOptions(options: CallOptions): SignatureJson['options'] {
  const named: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (name === 'stamps') Object.assign(named, stampOptions(value as NonNullable<CallOptions['stamps']>));
    else named[renamed[name] ?? name] = signatureOption(name, value);
  }
  return named;
}

/** Stamps stand beside the options, with a list of their names: one can not be called as an option is. */
function stampOptions(stamps: NonNullable<CallOptions['stamps']>): SignatureJson['options'] {
  const names = Object.keys(stamps);
  const taken = names.find((name) => optionNames.has(name));
  if (taken !== undefined) {
    throw OPTION_INVALID.create({
      problems: [{ option: 'stamps', expected: 'names that are not those of options', got: taken }],
    });
  }
  return { stamped_headers: names, ...stamps };
}

function signatureOption(name: string, value: unknown): unknown {
  if (value instanceof Date) {
    const text = formatIsoTime(value);
    if (text !== undefined) return text;
    throw OPTION_INVALID.create({
      problems: [{ option: name, expected: 'a valid date', got: String(value) }],
    });
  }
  return spans.has(name) && (typeof value === 'number' || typeof value === 'string')
    ? durationMs(value as Parameters<typeof durationMs>[0], name) / 1000
    : value;
}
