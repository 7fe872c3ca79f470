import { Injectable, type NestInterceptor, UseInterceptors } from '@nestjs/common';
import { of, type Observable } from 'rxjs';
import { runTask, Task, TaskQueueTestingModule } from '../../src/index.js';
import { closeAppsAfterEach, startApp } from '../support/apps.js';
import { EnhancedTasks, Journal, start } from '../support/enhanced-tasks.js';

closeAppsAfterEach();

describe('interceptors of a task', () => {
  it('change its value, and the method keeps its context', async () => {
    const app = await start();
    expect(await runTask(app, EnhancedTasks, 'intercepted', ['hi'])).toBe('hi true!');
    expect(app.get(Journal).lines).toEqual(['before intercepted true']);
  });

  it('may answer in place of the method', async () => {
    @Injectable()
    class Cached implements NestInterceptor {
      intercept(): Observable<string> {
        return of('first', 'cached');
      }
    }
    @Injectable()
    class Tasks {
      @Task()
      @UseInterceptors(Cached)
      run(): string {
        return 'fresh';
      }
    }
    const app = await startApp({ imports: [TaskQueueTestingModule.forRoot()], providers: [Tasks] });
    expect(await runTask(app, Tasks, 'run', [])).toBe('cached');
  });
});
