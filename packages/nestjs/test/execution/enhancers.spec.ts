import { type ArgumentsHost, type CanActivate, Injectable, Scope, UseGuards } from '@nestjs/common';
import {
  getTaskContext,
  runTask,
  Task,
  TaskQueueTesting,
  TaskQueueTestingModule,
  tasksOf,
} from '../../src/index.js';
import { closeAppsAfterEach, startApp } from '../support/apps.js';
import { coded } from '../support/errors.js';
import { EnhancedTasks, Journal, start } from '../support/enhanced-tasks.js';

closeAppsAfterEach();

describe('a task with enhancers of all kinds', () => {
  it('passes them in the order of Nest', async () => {
    const app = await start();
    const testing = app.get(TaskQueueTesting);
    const result = await tasksOf(EnhancedTasks, testing.client).all.delay('a');
    await testing.drain();
    expect(await result.get()).toBe('A!');
    expect(app.get(Journal).lines).toEqual([
      'guard task EnhancedTasks.all 1',
      'before all true',
      'pipe body - String',
      'method A',
    ]);
  });

  it('works with request scoped and transient enhancers', async () => {
    let made = 0;
    @Injectable({ scope: Scope.REQUEST })
    class PerRun implements CanActivate {
      readonly number = ++made;
      canActivate(): boolean {
        return this.number < 3;
      }
    }
    @Injectable({ scope: Scope.TRANSIENT })
    class PerHost implements CanActivate {
      constructor(private readonly journal: Journal) {}
      canActivate(): boolean {
        this.journal.lines.push('transient');
        return true;
      }
    }
    @Injectable()
    class Tasks {
      @Task()
      @UseGuards(PerRun)
      scoped(): string {
        return 'in';
      }
    }
    @Injectable()
    class OtherTasks {
      @Task()
      @UseGuards(PerHost)
      transient(): string {
        return 'in';
      }
    }
    const app = await startApp({
      imports: [TaskQueueTestingModule.forRoot()],
      providers: [Journal, Tasks, OtherTasks],
    });
    expect(await runTask(app, Tasks, 'scoped', [])).toBe('in');
    expect(await runTask(app, Tasks, 'scoped', [])).toBe('in');
    await expect(runTask(app, Tasks, 'scoped', [])).rejects.toEqual(coded('LOVAGE_TASK_FORBIDDEN'));
    expect(await runTask(app, OtherTasks, 'transient', [])).toBe('in');
    expect(app.get(Journal).lines).toEqual(['transient']);
  });
});

describe('what a task returns', () => {
  it('is the last value of an observable', async () => {
    const app = await start();
    expect(await runTask(app, EnhancedTasks, 'observed', [])).toBe(3);
    expect(await runTask(app, EnhancedTasks, 'laterObserved', [])).toBe(4);
  });
});

describe('the context of something that is no task', () => {
  it('is refused', () => {
    const host = { getType: () => 'http', getArgs: () => [] } as unknown as ArgumentsHost;
    expect(() => getTaskContext(host)).toThrow(coded('LOVAGE_NOT_TASK_CONTEXT'));
  });
});
