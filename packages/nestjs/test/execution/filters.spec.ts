import { Catch, type ExceptionFilter, Injectable, UseFilters, UseGuards } from '@nestjs/common';
import { type Observable, of, throwError } from 'rxjs';
import { runTask, Task, TaskQueueTestingModule } from '../../src/index.js';
import { closeAppsAfterEach, startApp } from '../support/apps.js';
import { EnhancedTasks, LoggingFilter, start } from '../support/enhanced-tasks.js';

closeAppsAfterEach();

describe('filters of a task', () => {
  it('give the value by what they return', async () => {
    const app = await start();
    expect(await runTask(app, EnhancedTasks, 'filtered', ['range'])).toBe('caught too far of filtered');
  });

  it('give another error by what they throw', async () => {
    const app = await start();
    await expect(runTask(app, EnhancedTasks, 'filtered', ['type'])).rejects.toThrow('translated wrong');
  });

  it('leave what they do not catch, and what they return nothing for', async () => {
    const app = await start();
    await expect(runTask(app, EnhancedTasks, 'filtered', ['else'])).rejects.toThrow('other');
    LoggingFilter.seen = [];
    await expect(runTask(app, EnhancedTasks, 'signals', ['error'])).rejects.toThrow('logged');
    expect(LoggingFilter.seen).toHaveLength(1);
  });

  it('are passed by by retries, ignored and rejected tasks', async () => {
    const app = await start();
    LoggingFilter.seen = [];
    await expect(runTask(app, EnhancedTasks, 'signals', ['retry'])).rejects.toMatchObject({ name: 'Retry' });
    await expect(runTask(app, EnhancedTasks, 'signals', ['ignore'])).rejects.toMatchObject({
      name: 'Ignore',
    });
    await expect(runTask(app, EnhancedTasks, 'signals', ['reject'])).rejects.toMatchObject({
      name: 'Reject',
    });
    expect(LoggingFilter.seen).toEqual([]);
  });

  it('may answer with an observable, as those of microservices do', async () => {
    @Catch()
    class RpcFilter implements ExceptionFilter {
      catch(error: Error): Observable<string> {
        return error.message === 'answered' ? of('first', 'last') : throwError(() => new Error('translated'));
      }
    }
    @Injectable()
    class Tasks {
      @Task()
      @UseFilters(RpcFilter)
      run(message: string): void {
        throw new Error(message);
      }
    }
    const app = await startApp({ imports: [TaskQueueTestingModule.forRoot()], providers: [Tasks] });
    expect(await runTask(app, Tasks, 'run', ['answered'])).toBe('last');
    await expect(runTask(app, Tasks, 'run', ['other'])).rejects.toThrow('translated');
  });

  it('catch what guards throw', async () => {
    @Catch()
    class Softener implements ExceptionFilter {
      catch(error: { readonly code?: string }): string {
        return `softened ${String(error.code)}`;
      }
    }
    @Injectable()
    class Tasks {
      @Task()
      @UseGuards({ canActivate: () => false })
      @UseFilters(Softener)
      run(): void {}
    }
    const app = await startApp({ imports: [TaskQueueTestingModule.forRoot()], providers: [Tasks] });
    expect(await runTask(app, Tasks, 'run', [])).toBe('softened LOVAGE_TASK_FORBIDDEN');
  });
});
