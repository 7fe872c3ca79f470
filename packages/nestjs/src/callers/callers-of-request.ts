import type { TaskAppDirectory } from '../module/task-app-directory.js';
import type { TasksRequest } from './injected-tasks.js';
import { makeTasks } from './make-tasks.js';

/** What is injected for a request; clients are looked up when a task is first touched. */
export function callersOfRequest({ taskClass, app }: TasksRequest, directory: TaskAppDirectory): object {
  return makeTasks(
    taskClass,
    (name) => directory.get(name, `@InjectTasks(${taskClass.name})`).app.client,
    app,
  );
}
