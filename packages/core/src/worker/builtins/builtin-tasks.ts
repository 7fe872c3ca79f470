import { chunkGroup } from '../../canvas/chunks.js';
import { SIGNATURE_INVALID } from '../../errors/canvas-errors.js';
import type { SignatureJson } from '../../message/signature-json.js';
import { makeChord, makeGroup, readSignature } from '../../canvas/signature-shape.js';
import type { DecodeOptions } from '../../message/decode-task.js';
import type { Stores } from '../../stores/stores.js';
import { builtinSource } from './builtin-source.js';
import { chordUnlock, chordUnlockName } from './chord-unlock.js';
import { Replace } from '../../task/outcome-signals.js';
import { arrangeArguments } from '../../task/parameter-list.js';
import type { TaskContext } from '../../task/task-context.js';
import type { TaskDefinition } from '../../task/task-definition.js';
import type { TaskRegistry } from '../../task/task-registry.js';

const builtin = (
  name: string,
  params: readonly string[] | undefined,
  run: TaskDefinition['run'],
  options: TaskDefinition['options'] = {},
): TaskDefinition => ({
  name,
  ...(params !== undefined && { parameters: { names: params, required: 0 } }),
  options,
  source: builtinSource,
  run,
});

/**
 * The tasks that every worker of Celery has, under Celery's names. Python sends some of them to the default queue; one with the same name
 * that the application has registered wins.
 */
export function addBuiltinTasks(registry: TaskRegistry, stores: Stores, decoding: DecodeOptions): void {
  for (const definition of [
    builtin(
      'celery.map',
      ['task', 'it'],
      async ([task, it], context) => await each(registry, task, it, context, (item) => [item]),
    ),
    builtin(
      'celery.starmap',
      ['task', 'it'],
      async ([task, it], context) =>
        await each(registry, task, it, context, (item) => itemsOf(item, 'an item of "it"')),
    ),
    builtin('celery.chunks', ['task', 'it', 'n'], ([task, it, n]) => {
      const group = chunkGroup({ ...readSignature({ task: 'celery.chunks' }), kwargs: { task, it, n } });
      throw new Replace(group);
    }),
    builtin('celery.accumulate', undefined, (args) => accumulate(args)),
    builtin(
      chordUnlockName,
      undefined,
      async (_args, context) => await chordUnlock(context, stores, decoding),
      { ignoreResult: true },
    ),
    // Results end by themselves where they are kept.
    builtin('celery.backend_cleanup', [], () => null),
    builtin('celery.group', ['tasks', 'result', 'group_id', 'partial_args'], ([tasks, , groupId, args]) => {
      const members = itemsOf(tasks, '"tasks"').map((one) => withArgs(readSignature(one), args));
      throw new Replace(makeGroup(members, typeof groupId === 'string' ? { task_id: groupId } : {}));
    }),
    builtin('celery.chord', ['header', 'body', 'partial_args'], ([header, body, args]) => {
      const json = makeChord(
        Array.isArray(header) ? header.map(readSignature) : readSignature(header),
        readSignature(body),
      );
      throw new Replace(withArgs(json, args));
    }),
    builtin('celery.chain', undefined, () => {
      throw SIGNATURE_INVALID.create({
        problem: '"celery.chain" is no task that can be run: send the chain itself',
      });
    }),
  ]) {
    registry.addBuiltin(definition);
  }
}

/** Runs a task in this process for each item, one after the other. */
async function each(
  registry: TaskRegistry,
  task: unknown,
  it: unknown,
  context: TaskContext,
  argsOf: (item: unknown) => readonly unknown[],
): Promise<unknown[]> {
  const { task: name, args, kwargs } = readSignature(task);
  const definition = registry.get(name);
  const values: unknown[] = [];
  for (const item of itemsOf(it, '"it"')) {
    context.signal.throwIfAborted();
    // As in Celery only the name counts in Python; here its own arguments stand behind the item.
    const arranged = arrangeArguments(name, definition.parameters, [...argsOf(item), ...args], kwargs);
    values.push(await definition.run(await (definition.validate?.(arranged) ?? arranged), context));
  }
  return values;
}

/** Celery's `accumulate(*args, index=None)`: keyword arguments come as one last object. */
function accumulate(args: readonly unknown[]): unknown {
  const last = args.at(-1);
  if (typeof last !== 'object' || last === null || Array.isArray(last) || !('index' in last)) return args;
  const { index } = last as { readonly index: unknown };
  return typeof index === 'number' ? args.slice(0, -1).at(index) : args.slice(0, -1);
}

function itemsOf(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[];
  throw SIGNATURE_INVALID.create({ problem: `${what} is no array` });
}

const withArgs = (json: SignatureJson, args: unknown): SignatureJson =>
  Array.isArray(args) && args.length > 0 ? { ...json, args: [...(args as unknown[]), ...json.args] } : json;
