import { SIGNATURE_INVALID } from '../errors/canvas-errors.js';
import { isRead } from '../message/read-signatures.js';
import type { SignatureJson } from '../message/signature-json.js';

export type SignatureKind = 'task' | 'chain' | 'group' | 'chord';

/** How a signature is read: by its `subtask_type`, as in Celery. */
export function kindOf({ subtask_type: type }: SignatureJson): SignatureKind {
  return type === 'chain' || type === 'group' || type === 'chord' ? type : 'task';
}

const noOptions: SignatureJson['options'] = {};

export const makeTask = (
  task: string,
  args: readonly unknown[] = [],
  kwargs: Readonly<Record<string, unknown>> = {},
  options: SignatureJson['options'] = noOptions,
  immutable = false,
): SignatureJson => ({ task, args, kwargs, options, subtask_type: null, immutable });

/** @param tasks in running order */
export const makeChain = (tasks: readonly SignatureJson[], options = noOptions): SignatureJson => ({
  task: 'celery.chain',
  args: [],
  kwargs: { tasks },
  options,
  subtask_type: 'chain',
  immutable: false,
});

export const makeGroup = (tasks: readonly SignatureJson[], options = noOptions): SignatureJson => ({
  task: 'celery.group',
  args: [],
  kwargs: { tasks },
  options,
  subtask_type: 'group',
  immutable: false,
});

export const makeChord = (
  header: readonly SignatureJson[] | SignatureJson,
  body: SignatureJson,
  options = noOptions,
): SignatureJson => ({
  task: 'celery.chord',
  args: [],
  kwargs: { kwargs: {}, header, body },
  options,
  subtask_type: 'chord',
  immutable: false,
});

/** The members of a chain (in running order) or of a group. */
export const tasksOf = ({ kwargs, task }: SignatureJson): readonly SignatureJson[] =>
  signaturesIn(kwargs['tasks'], task);

/** The members of a chord's header, which is an array, or a group that has an id. */
export function headerOf({ kwargs, task }: SignatureJson): {
  readonly groupId: string | undefined;
  readonly tasks: readonly SignatureJson[];
} {
  const { header } = kwargs;
  if (header === null || header === undefined) return { groupId: undefined, tasks: [] };
  if (Array.isArray(header)) return { groupId: undefined, tasks: signaturesIn(header, task) };
  const one = readSignature(header);
  if (kindOf(one) !== 'group')
    return { groupId: undefined, tasks: kindOf(one) === 'chain' ? tasksOf(one) : [one] };
  return { groupId: textOption(one, 'task_id'), tasks: tasksOf(one) };
}

export const bodyOf = ({ kwargs }: SignatureJson): SignatureJson => readSignature(kwargs['body']);

export function textOption({ options }: SignatureJson, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A list in the options, such as `link`: writers may leave the array out where there is one. */
export function listOption(options: SignatureJson['options'], name: string): readonly SignatureJson[] {
  const value = options[name];
  if (value === undefined || value === null) return [];
  return signaturesIn(Array.isArray(value) ? value : [value], name);
}

function signaturesIn(value: unknown, where: string): readonly SignatureJson[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw SIGNATURE_INVALID.create({ problem: `"${where}" has no list of tasks` });
  const list: readonly unknown[] = value;
  return isRead(list) || list.every(isWhole) ? list : list.map(readSignature);
}

const isWhole = (value: unknown): value is SignatureJson => {
  if (typeof value !== 'object' || value === null) return false;
  const { task, args, kwargs, options, subtask_type: type, immutable } = value as SignatureJson;
  return (
    typeof task === 'string' &&
    Array.isArray(args) &&
    isObject(kwargs) &&
    isObject(options) &&
    (type === null || typeof type === 'string') &&
    typeof immutable === 'boolean'
  );
};

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A signature from JSON of any writer: fields that are left out get their defaults.
 *
 * @throws LOVAGE_SIGNATURE_INVALID
 */
export function readSignature(value: unknown): SignatureJson {
  if (isWhole(value)) return value;
  if (!isObject(value)) throw SIGNATURE_INVALID.create({ problem: 'it is no object' });
  const json = value as Partial<Record<keyof SignatureJson, unknown>>;
  const whole = {
    task: json.task,
    args: json.args ?? [],
    kwargs: json.kwargs ?? {},
    options: json.options ?? {},
    subtask_type: json.subtask_type ?? null,
    immutable: json.immutable === true,
  };
  if (isWhole(whole)) return whole;
  throw SIGNATURE_INVALID.create({ problem: 'it has no task name, or a field of a wrong type' });
}
