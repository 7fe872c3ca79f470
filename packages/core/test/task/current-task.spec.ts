import { currentTask, maybeCurrentTask, runInTask } from '../../src/task/current-task.js';
import type { TaskContext } from '../../src/task/task-context.js';

describe('currentTask', () => {
  it('is the context of the run, anywhere below it and after waiting', async () => {
    const context = { id: '1' } as TaskContext;
    const seen = await runInTask({ context, children: [] }, async () => {
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
      return currentTask();
    });
    expect(seen).toBe(context);
  });

  it('says what to do outside of a task', () => {
    expect(maybeCurrentTask()).toBeUndefined();
    expect(() => currentTask()).toThrow(/works only while a task runs/);
  });
});
