import { MESSAGE_INVALID, type MessageIdentity } from '../errors/message-errors.js';
import { parseIsoTime } from './iso-time.js';

/** Of each call: headers of protocol 2, and in protocol 1 fields of the body. */
export const callFieldNames = [
  'task',
  'id',
  'shadow',
  'eta',
  'expires',
  'group',
  'group_index',
  'retries',
  'timelimit',
  'root_id',
  'parent_id',
  'argsrepr',
  'kwargsrepr',
  'origin',
] as const;

/** What protocol 2 alone has. */
export const newerFieldNames = [
  'lang',
  'ignore_result',
  'replaced_task_nesting',
  'stamped_headers',
  'stamps',
] as const;

/** Fields of protocol 2 headers, or of a protocol 1 body, before their types are known. */
export type HeaderFields = {
  readonly [Name in (typeof callFieldNames)[number] | (typeof newerFieldNames)[number]]?: unknown;
};

/** The error about a field, with the id and name of the task as far as these are text. */
export function invalid({ id, task }: HeaderFields, problem: string): Error {
  const identity: MessageIdentity = {
    taskId: typeof id === 'string' ? id : undefined,
    taskName: typeof task === 'string' ? task : undefined,
  };
  return MESSAGE_INVALID.create({ ...identity, problem });
}

/** @throws LOVAGE_MESSAGE_INVALID also where it is missing or empty */
export function requiredText(value: unknown, name: string, fields: HeaderFields): string {
  if (typeof value === 'string' && value !== '') return value;
  throw invalid(fields, isMissing(value) ? `it has no "${name}"` : `"${name}" is empty or no text`);
}

export function optionalText(value: unknown, name: string, fields: HeaderFields): string | undefined {
  if (typeof value === 'string') return value;
  if (isMissing(value)) return undefined;
  throw invalid(fields, `"${name}" is no text`);
}

/** A whole number from 0. */
export function optionalCount(value: unknown, name: string, fields: HeaderFields): number | undefined {
  if (isMissing(value)) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw invalid(fields, `"${name}" is no whole number from 0`);
}

export function optionalBoolean(value: unknown, name: string, fields: HeaderFields): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (isMissing(value)) return undefined;
  throw invalid(fields, `"${name}" is neither true nor false`);
}

/** @param naiveIsLocal see {@link parseIsoTime} */
export function optionalTime(
  value: unknown,
  name: string,
  fields: HeaderFields,
  naiveIsLocal: boolean,
): Date | undefined {
  if (isMissing(value)) return undefined;
  const time = typeof value === 'string' ? parseIsoTime(value, naiveIsLocal) : undefined;
  if (time === undefined) throw invalid(fields, `"${name}" is no time in ISO 8601`);
  return time;
}

export interface TimeLimits {
  /** Seconds; `undefined`: not set. */
  readonly hard: number | undefined;
  readonly soft: number | undefined;
}

const noTimeLimits: TimeLimits = { hard: undefined, soft: undefined };

/** On the wire `[hard, soft]`. As in Celery, 0 is "not set". */
export function timeLimits(value: unknown, fields: HeaderFields): TimeLimits {
  if (isMissing(value)) return noTimeLimits;
  if (!Array.isArray(value) || value.length !== 2) throw invalid(fields, '"timelimit" is not [hard, soft]');
  const hard: unknown = value[0];
  const soft: unknown = value[1];
  if (hard === null && soft === null) return noTimeLimits;
  return { hard: seconds(hard, fields), soft: seconds(soft, fields) };
}

function seconds(value: unknown, fields: HeaderFields): number | undefined {
  if (isMissing(value) || value === 0) return undefined;
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
  throw invalid(fields, '"timelimit" is not a number of seconds');
}

const isMissing = (value: unknown): value is null | undefined => value === null || value === undefined;

/** @throws LOVAGE_MESSAGE_INVALID for anything but an array */
export function requiredArray(value: unknown, name: string, fields: HeaderFields): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw invalid(fields, `"${name}" is no array`);
}

/** @throws LOVAGE_MESSAGE_INVALID for anything but an object */
export function requiredObject(
  value: unknown,
  name: string,
  fields: HeaderFields,
): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw invalid(fields, `"${name}" is no object`);
}
