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
const spans: ReadonlySet<string> = new Set(['countdown', 'expires', 'timeLimit', 'softTimeLimit']);

/**
 * Call options in Celery's names and units, as they stand in signatures: spans in seconds, times as text.
 *
 * @throws LOVAGE_OPTION_INVALID
 */
export function signatureOptions(options: CallOptions): SignatureJson['options'] {
  const named: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined) named[renamed[name] ?? name] = signatureOption(name, value);
  }
  return named;
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
