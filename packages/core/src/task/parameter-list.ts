import { ARGUMENTS_INVALID, type ArgumentProblem, TASK_DEFINITION_INVALID } from '../errors/task-errors.js';

/** Positional parameters of a task, the context of a bound task not among them. */
export interface ParameterList {
  /** Names, where known: then keyword arguments are put in their places. */
  readonly names?: readonly string[] | undefined;
  /** Least number of arguments. */
  readonly required: number;
  /** Largest number; `undefined`: any (rest parameter, or not known). */
  readonly max?: number | undefined;
  /** A sentence for whoever leaves an argument out, where the reason may surprise. */
  readonly hint?: string | undefined;
}

/**
 * Reads parameter names; a `?` behind a name marks it optional, and everything after it. The form of `@Task({ params: ['x', 'y?'] })`.
 *
 * @throws LOVAGE_TASK_DEFINITION_INVALID for a repeated or empty name, or a required one after an optional one
 */
export function parameterList(taskName: string, params: readonly string[]): ParameterList {
  const names = params.map((param) => (param.endsWith('?') ? param.slice(0, -1) : param));
  const firstOptional = params.findIndex((param) => param.endsWith('?'));
  const required = firstOptional === -1 ? params.length : firstOptional;
  const invalid = (problem: string): Error => TASK_DEFINITION_INVALID.create({ taskName, problem });
  if (names.some((name) => name === '')) throw invalid('a parameter in "params" has no name');
  if (new Set(names).size !== names.length)
    throw invalid(`"params" names a parameter twice: ${names.join(', ')}`);
  if (params.slice(required).some((param) => !param.endsWith('?'))) {
    throw invalid(`in "params" a required parameter follows an optional one: ${params.join(', ')}`);
  }
  return { names, required, max: params.length };
}

/**
 * Puts the arguments of a call in the order of the parameters. Keyword arguments go to the places of their names; where no
 * names are known they become one last object argument.
 *
 * @throws LOVAGE_ARGUMENTS_INVALID when one is missing, unknown, given twice, or too many
 */
export function arrangeArguments(
  taskName: string,
  parameters: ParameterList | undefined,
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>>,
): readonly unknown[] {
  const keywords = Object.keys(kwargs);
  const names = parameters?.names;
  const arranged =
    keywords.length === 0
      ? args
      : names === undefined
        ? [...args, kwargs]
        : placed(taskName, names, args, kwargs, keywords);
  if (parameters === undefined) return arranged;
  const { required, max } = parameters;
  if (arranged.length < required || hasGap(arranged, required, keywords.length > 0)) {
    throw refuse(taskName, missing(arranged, parameters));
  }
  if (max !== undefined && arranged.length > max) {
    throw refuse(taskName, [
      { argument: 'arguments', problem: `takes at most ${max}, got ${arranged.length}` },
    ]);
  }
  return arranged;
}

function placed(
  taskName: string,
  names: readonly string[],
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>>,
  keywords: readonly string[],
): readonly unknown[] {
  const arranged = [...args];
  const problems: ArgumentProblem[] = [];
  for (const keyword of keywords) {
    const index = names.indexOf(keyword);
    if (index === -1)
      problems.push({
        argument: keyword,
        problem: `no such parameter (known: ${names.join(', ') || 'none'})`,
      });
    else if (index < args.length)
      problems.push({ argument: keyword, problem: 'given by position and by name' });
    else arranged[index] = kwargs[keyword];
  }
  if (problems.length > 0) throw refuse(taskName, problems);
  // A parameter that was skipped is a hole; it must read as undefined, so that its default applies.
  return Array.from(arranged);
}

/** Keyword arguments can leave a required place empty although later ones are filled. */
function hasGap(arranged: readonly unknown[], required: number, byName: boolean): boolean {
  return byName && arranged.slice(0, required).includes(undefined);
}

function missing(arranged: readonly unknown[], { names, required, hint }: ParameterList): ArgumentProblem[] {
  const problems: ArgumentProblem[] = [];
  const explained = hint === undefined ? '' : `; ${hint}`;
  for (let index = 0; index < required; index += 1) {
    if (index < arranged.length && arranged[index] !== undefined) continue;
    problems.push({
      argument: names?.[index] ?? `argument ${index + 1}`,
      problem: `missing (takes at least ${required}, got ${arranged.length})${explained}`,
    });
  }
  return problems;
}

function refuse(taskName: string, problems: readonly ArgumentProblem[]): Error {
  return ARGUMENTS_INVALID.create({ taskName, problems });
}
