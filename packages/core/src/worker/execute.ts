import { runInTask } from '../task/current-task.js';
import { arrangeArguments } from '../task/parameter-list.js';
import type { TaskDefinition } from '../task/task-definition.js';
import type { Run } from './run.js';

/**
 * Calls a task: puts its arguments in order, checks them again (the sender may be another program), and runs it so that
 * `currentTask()` finds its context.
 *
 * @throws whatever the task throws; LOVAGE_ARGUMENTS_INVALID
 */
export function execute(definition: TaskDefinition, { message, context }: Run): unknown {
  if (message === undefined || context === undefined)
    throw new Error('a run that was not admitted can not be executed');
  const args = arrangeArguments(definition.name, definition.parameters, message.args, message.kwargs);
  if (definition.validate === undefined) return runInTask(context, () => definition.run(args, context));
  const checked = definition.validate(args);
  if (!(checked instanceof Promise)) return runInTask(context, () => definition.run(checked, context));
  return checked.then((ready) => runInTask(context, () => definition.run(ready, context)));
}
