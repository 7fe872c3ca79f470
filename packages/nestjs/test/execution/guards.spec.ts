import { type CanActivate, ForbiddenException, Injectable, UseGuards } from '@nestjs/common';
import { runTask, Task, TaskQueueTesting, TaskQueueTestingModule } from '../../src/index.js';
import { closeAppsAfterEach, startApp } from '../support/apps.js';
import { coded, rejection } from '../support/errors.js';
import { EnhancedTasks, GuardedClass, Journal, start } from '../support/enhanced-tasks.js';

closeAppsAfterEach();

describe('guards of a task', () => {
  it('see the task, its arguments, its class and its method', async () => {
    const app = await start();
    expect(await runTask(app, EnhancedTasks, 'guarded', [1], { headers: { role: 'admin' } })).toBe('done');
    expect(app.get(Journal).lines).toEqual(['guard task EnhancedTasks.guarded 1', 'method']);
  });

  it('that refuse fail it with a coded error, and the method does not run', async () => {
    const app = await start();
    expect(await rejection(runTask(app, EnhancedTasks, 'guarded', [1]))).toEqual(
      coded('LOVAGE_TASK_FORBIDDEN'),
    );
    expect(app.get(Journal).lines).not.toContain('method');

    const testing = app.get(TaskQueueTesting);
    const result = await testing.client.send('guarded', { args: [1] });
    await testing.drain();
    expect(await result.snapshot()).toMatchObject({
      state: 'FAILURE',
      error: { remoteCode: 'LOVAGE_TASK_FORBIDDEN' },
    });
  });

  it('of the class hold for each of its tasks', async () => {
    const app = await start();
    await expect(runTask(app, GuardedClass, 'closed', [])).rejects.toEqual(coded('LOVAGE_TASK_FORBIDDEN'));
    expect(await runTask(app, GuardedClass, 'open', [])).toBe('in');
  });

  it('that throw fail it with what they throw', async () => {
    @Injectable()
    class Strict implements CanActivate {
      canActivate(): boolean {
        throw new ForbiddenException('not today');
      }
    }
    @Injectable()
    class Tasks {
      @Task()
      @UseGuards(Strict)
      run(): void {}
    }
    const app = await startApp({ imports: [TaskQueueTestingModule.forRoot()], providers: [Tasks] });
    await expect(runTask(app, Tasks, 'run', [])).rejects.toThrow('not today');
  });
});
