import { type ArgumentProblem, ARGUMENTS_INVALID, type TaskDefinition } from '@lovage/core';
import type { ArgumentCheck, Checked } from './argument-check.js';
import { kindOf } from './primitive-check.js';

/** What is checked of one parameter. */
export interface ParameterCheck {
  readonly name: string;
  /** `undefined` and `null` are refused. */
  readonly required: boolean;
  /** Run for a missing argument, too: it may give a default. */
  readonly decidesOnMissing: boolean;
  readonly check: ArgumentCheck | undefined;
}

/**
 * Makes `validate` of a task definition out of checks by position; `undefined` when there is nothing to check. It stays
 * synchronous as long as the checks do: it runs for every task.
 */
export function validateArguments(
  taskName: string,
  parameters: readonly ParameterCheck[],
): TaskDefinition['validate'] {
  if (parameters.every(({ check }) => check === undefined)) return undefined;
  return (args) => {
    const run = new ArgumentRun(taskName, args);
    let pending: Promise<void>[] | undefined;
    for (const [index, parameter] of parameters.entries()) {
      const outcome = checkOne(parameter, args[index], index < args.length);
      if (outcome instanceof Promise)
        (pending ??= []).push(outcome.then((checked) => run.take(index, checked)));
      else if (outcome !== undefined) run.take(index, outcome);
    }
    return pending === undefined ? run.end() : Promise.all(pending).then(() => run.end());
  };
}

function checkOne(
  { check, name, required, decidesOnMissing }: ParameterCheck,
  value: unknown,
  given: boolean,
): Checked | Promise<Checked> | undefined {
  if (check === undefined) return undefined;
  if (decidesOnMissing || (value !== undefined && value !== null)) return check(value, name);
  // That a required argument is missing altogether has been found when the arguments were counted.
  return required && given
    ? { problems: [{ argument: name, problem: `expected a value, got ${kindOf(value)}` }] }
    : undefined;
}

/** The outcome for all arguments of one call. */
class ArgumentRun {
  private converted: unknown[] | undefined;
  private readonly problems: ArgumentProblem[] = [];

  constructor(
    private readonly taskName: string,
    private readonly args: readonly unknown[],
  ) {}

  take(index: number, checked: Checked): void {
    if (checked.problems !== undefined) {
      this.problems.push(...checked.problems);
      return;
    }
    if (checked.value === this.args[index]) return;
    this.converted ??= [...this.args];
    // A default for an argument behind the last one that was given leaves no hole.
    while (this.converted.length < index) this.converted.push(undefined);
    this.converted[index] = checked.value;
  }

  /** @throws LOVAGE_ARGUMENTS_INVALID with all problems */
  end(): readonly unknown[] {
    if (this.problems.length > 0)
      throw ARGUMENTS_INVALID.create({ taskName: this.taskName, problems: this.problems });
    return this.converted ?? this.args;
  }
}
