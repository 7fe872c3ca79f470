import type { LovageError } from '../errors/lovage-error.js';
import { closest, distance } from 'fastest-levenshtein';
import { TASK_DEFINITION_INVALID, TASK_DUPLICATE, TASK_UNKNOWN } from '../errors/task-errors.js';
import type { KnownTask, TaskDefinition } from './task-definition.js';
import type { TaskHooks } from './task-hooks.js';
import type { TaskOptions } from './task-options.js';

/** The tasks of one app by name. Handed explicitly to those who need it. */
export class TaskRegistry {
  private readonly definitions = new Map<string, TaskDefinition>();
  private readonly builtins = new Map<string, TaskDefinition>();
  private readonly elsewhere = new Map<string, KnownTask>();
  private common: readonly TaskHooks[] = [];
  private changes = 0;

  /** @param defaults options of all tasks, where a task does not say otherwise */
  constructor(private readonly defaults?: TaskOptions) {}

  /** Another number after each change: for those who keep what follows from a definition. */
  get revision(): number {
    return this.changes;
  }

  /** Hooks of all tasks. */
  get hooks(): readonly TaskHooks[] {
    return this.common;
  }

  /** Adds hooks for the runs of all tasks; before the worker starts. */
  use(hooks: TaskHooks): void {
    this.common = [...this.common, hooks];
    this.changes += 1;
  }

  /**
   * @throws LOVAGE_TASK_DUPLICATE when the name is taken
   * @throws LOVAGE_TASK_DEFINITION_INVALID when the name is empty or longer than 255 characters
   */
  add(definition: TaskDefinition): void {
    const { name, source } = definition;
    if (name.length === 0 || name.length > 255) {
      throw TASK_DEFINITION_INVALID.create({
        taskName: name.slice(0, 40),
        problem: `the name must have 1 to 255 characters, it has ${name.length}`,
      });
    }
    const present = this.definitions.get(name);
    if (present !== undefined)
      throw TASK_DUPLICATE.create({ taskName: name, first: present.source, second: source });
    this.definitions.set(name, this.withDefaults(definition));
    this.changes += 1;
  }

  /**
   * Makes a task known that other processes run, so that it is sent with its options and its arguments are checked. One
   * that runs here wins.
   */
  announce(task: KnownTask): void {
    this.elsewhere.set(task.name, this.withDefaults(task));
  }

  /** Adds a task that each worker has, as Celery's have; one that the application adds under the same name wins. */
  addBuiltin(definition: TaskDefinition): void {
    this.builtins.set(definition.name, definition);
    this.changes += 1;
  }

  /** A task that can be run here. */
  find(name: string): TaskDefinition | undefined {
    return this.definitions.get(name) ?? this.builtins.get(name);
  }

  /** A task that can be sent with what is known of it, whoever runs it. */
  known(name: string): KnownTask | undefined {
    return this.definitions.get(name) ?? this.elsewhere.get(name);
  }

  /** @throws LOVAGE_TASK_UNKNOWN */
  get(name: string): TaskDefinition {
    const definition = this.find(name);
    if (definition === undefined) throw this.unknown(name);
    return definition;
  }

  /** Names, sorted. */
  names(): string[] {
    return [...this.definitions.keys()].toSorted();
  }

  private withDefaults<Task extends KnownTask>(task: Task): Task {
    if (this.defaults === undefined) return task;
    return { ...task, options: { ...this.defaults, ...withoutGaps(task.options) } };
  }

  /** The error for a name that is not here, with the closest one that is. */
  unknown(name: string): LovageError {
    const names = this.names();
    return TASK_UNKNOWN.create({
      taskName: name,
      registered: names.length,
      closest: similar(name, names),
    });
  }
}

/** An option that is there but undefined is one that was not given. */
const withoutGaps = (options: TaskOptions): TaskOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

/** The name that was probably meant; a hint that is far off would only mislead. */
function similar(name: string, names: readonly string[]): string | undefined {
  // The distance costs length × length; a name from the wire can be as long as a message.
  if (names.length === 0 || name.length > 255) return undefined;
  const candidate = closest(name, names);
  return distance(name, candidate) <= Math.max(2, name.length * 0.4) ? candidate : undefined;
}
