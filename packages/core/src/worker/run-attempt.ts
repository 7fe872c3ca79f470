import { isIgnore, isReject, isRetry } from '../task/outcome-signals.js';
import { TASK_TERMINATED } from '../errors/worker-errors.js';
import type { TaskDefinition } from '../task/task-definition.js';
import type { TaskEnd } from '../task/task-hooks.js';
import { execute } from './execute.js';
import type { HookCaller } from './hook-caller.js';
import type { Run, RunAction, RunControl } from './run.js';

/** What a pool calls for each run of a task. Tasks with neither hooks nor automatic retries are called as they are. */
export const runActionOf = (definition: TaskDefinition, hooks: HookCaller | undefined): RunAction =>
  hooks === undefined && definition.options.autoretryFor === undefined
    ? (run) => execute(definition, run)
    : async (run) => await runAttempt(definition, run, hooks);

/**
 * Calls a task with what surrounds it: hooks, and the retries that its policy makes of failures.
 *
 * @throws what the run ends with: the error of the task, or a signal
 */
async function runAttempt(
  definition: TaskDefinition,
  run: Run,
  hooks: HookCaller | undefined,
): Promise<unknown> {
  const { context } = run;
  if (context === undefined) throw new Error('a run that was not admitted can not be executed');
  if (hooks !== undefined) await hooks.before(context);
  let value: unknown;
  try {
    value = await execute(definition, run);
  } catch (error) {
    const thrown = isSignal(error) ? error : context.judge(error);
    const end = endOf(thrown, context);
    if (hooks !== undefined && end !== undefined) await hooks.after(end, context);
    throw thrown;
  }
  if (hooks !== undefined && !context.overruled) await hooks.after({ state: 'SUCCESS', value }, context);
  return value;
}

const isSignal = (error: unknown): boolean => isRetry(error) || isIgnore(error) || isReject(error);

/** @returns `undefined`: this worker no longer answers for the run */
function endOf(thrown: unknown, context: RunControl): TaskEnd | undefined {
  if (context.overruled) return TASK_TERMINATED.is(context.signal.reason) ? { state: 'REVOKED' } : undefined;
  if (isRetry(thrown)) return { state: 'RETRY', error: thrown.error };
  if (isIgnore(thrown)) return { state: 'IGNORED' };
  if (isReject(thrown)) return { state: 'REJECTED' };
  return { state: 'FAILURE', error: thrown };
}
