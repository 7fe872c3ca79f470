import { Injectable } from '@nestjs/common';
import {
  currentTask,
  getTaskQueueTestingToken,
  InjectTasks,
  runTask,
  Task,
  TaskApp,
  type TaskContext,
  TaskQueueModule,
  TaskQueueTesting,
  TaskQueueTestingModule,
  type Tasks,
  tasksOf,
} from '../../src/index.js';
import { closeAppsAfterEach, compileApp, startApp } from '../support/apps.js';
import { coded } from '../support/errors.js';

@Injectable()
class MailTasks {
  readonly sent: string[] = [];
  constructor(@InjectTasks(MailTasks) private readonly own: Tasks<MailTasks>) {}

  @Task('mail')
  mail(to: string): string {
    this.sent.push(to);
    return to;
  }

  @Task('all')
  async all(people: string[]): Promise<number> {
    for (const to of people) await this.own.mail.delay(to);
    return people.length;
  }

  @Task({ name: 'flaky', bind: true, maxRetries: 2, defaultRetryDelay: '5m' })
  flaky(task: TaskContext): string {
    if (task.retries < 2) throw task.retry({ error: new Error('busy') });
    return `after ${task.retries} retries`;
  }

  @Task({ name: 'context', bind: true })
  async context(task: TaskContext, x: number): Promise<string> {
    await task.updateState('PROGRESS', { x });
    return `${task.id} ${task.name} ${task.retries} ${currentTask() === task}`;
  }

  @Task('stuck')
  async stuck(): Promise<void> {
    await new Promise(() => undefined);
  }

  helper(): void {}
}

closeAppsAfterEach();

const start = async () => {
  const app = await startApp({ imports: [TaskQueueTestingModule.forRoot()], providers: [MailTasks] });
  const testing = app.get(TaskQueueTesting);
  return { app, testing, tasks: tasksOf(MailTasks, testing.client) };
};

describe('TaskQueueTestingModule', () => {
  it('runs tasks, and what they send, until nothing is left', async () => {
    const { app, testing, tasks } = await start();
    await tasks.all.delay(['a', 'b', 'c']);
    await testing.drain();
    expect(app.get(MailTasks).sent).toEqual(['a', 'b', 'c']);
  });

  it('moves the time: countdowns and retries happen when they are due', async () => {
    const { app, testing, tasks } = await start();
    await tasks.mail.applyAsync(['later'], { countdown: '1h' });
    const flaky = await tasks.flaky.delay();
    await testing.drain();
    expect(await flaky.state()).toBe('RETRY');
    await testing.advance('10m');
    expect(await flaky.get()).toBe('after 2 retries');
    expect(app.get(MailTasks).sent).toEqual([]);
    await testing.advance('50m');
    await testing.drain();
    expect(app.get(MailTasks).sent).toEqual(['later']);
  });

  it('starts its clock where the test says', async () => {
    const startAt = new Date('2030-05-06T07:08:09Z');
    const app = await startApp({
      imports: [TaskQueueTestingModule.forRoot({ startAt })],
      providers: [MailTasks],
    });
    expect(app.get(TaskQueueTesting).clock.wallNow()).toBe(startAt.getTime());
  });

  it('shares nothing between two applications of one definition', async () => {
    const queue = TaskQueueTestingModule.forRoot();
    const first = await startApp({ imports: [queue], providers: [MailTasks] });
    const second = await startApp({ imports: [queue], providers: [MailTasks] });
    await first.get(TaskQueueTesting).advance('1h');
    expect(second.get(TaskQueueTesting).clock.monoNow()).toBe(0);
    const { id } = await tasksOf(MailTasks, first.get(TaskQueueTesting).client).mail.delay('a');
    expect((await second.get(TaskQueueTesting).client.result(id).snapshot()).known).toBe(false);
  });

  it('leaves nothing behind', async () => {
    const { app, testing, tasks } = await start();
    await tasks.mail.applyAsync(['never'], { countdown: '1h' });
    const waiting = (await tasks.mail.applyAsync(['never'], { countdown: '1h' })).get({ timeout: '2h' });
    waiting.catch(() => undefined);
    await app.close();
    await expect(waiting).rejects.toEqual(coded('LOVAGE_SERVICE_STOPPED'));
    expect(testing.clock.pending).toBe(0);
    expect(app.get(TaskApp).stores.opened).toBe(false);
  });

  it('tells tasks that do not end', async () => {
    const { testing, tasks } = await start();
    await tasks.stuck.delay();
    await expect(testing.drain({ timeout: '50ms' })).rejects.toEqual(coded('LOVAGE_NOT_IDLE'));
    const closing = testing.app.close();
    await testing.advance('10s');
    await closing;
  });

  it('has an app for each name', async () => {
    const app = await startApp({
      imports: [TaskQueueTestingModule.forRoot(), TaskQueueTestingModule.forRoot({ name: 'second' })],
    });
    const second = app.get<TaskQueueTesting>(getTaskQueueTestingToken('second'));
    expect(second.app).not.toBe(app.get(TaskQueueTesting).app);
  });
});

describe('runTask', () => {
  it('runs a method as a worker would, with a context that the test chooses', async () => {
    const { app } = await start();
    const states: unknown[] = [];
    const updateState = async (...state: unknown[]): Promise<void> => {
      await Promise.resolve(states.push(state));
    };
    expect(await runTask(app, MailTasks, 'context', [7], { id: 'me', retries: 3, updateState })).toBe(
      'me context 3 true',
    );
    expect(states).toEqual([['PROGRESS', { x: 7 }]]);
    expect(await runTask(app, MailTasks, 'mail', ['a'])).toBe('a');
  });

  it('checks arguments', async () => {
    const { app } = await start();
    await expect(runTask(app, MailTasks, 'mail', [1 as unknown as string])).rejects.toEqual(
      coded('LOVAGE_ARGUMENTS_INVALID'),
    );
    await expect(runTask(app, MailTasks, 'mail', [] as unknown as [string])).rejects.toEqual(
      coded('LOVAGE_ARGUMENTS_INVALID'),
    );
  });

  it('throws what the task throws, retries among it', async () => {
    const { app } = await start();
    await expect(runTask(app, MailTasks, 'flaky', [])).rejects.toMatchObject({ name: 'Retry' });
    expect(await runTask(app, MailTasks, 'flaky', [], { retries: 2 })).toBe('after 2 retries');
    await expect(runTask(app, MailTasks, 'flaky', [], { retries: 1, maxRetries: 1 })).rejects.toThrow('busy');
  });

  it('needs no initialised application', async () => {
    const app = await compileApp({ imports: [TaskQueueModule.forRoot()], providers: [MailTasks] });
    expect(await runTask(app, MailTasks, 'mail', ['a'])).toBe('a');
    await app.close();
  });

  it('refuses what is no task here', async () => {
    const { app } = await start();
    await expect(runTask(app, MailTasks, 'helper', [])).rejects.toEqual(coded('LOVAGE_NOT_A_TASK'));
    class Elsewhere {
      @Task()
      run(): void {}
    }
    await expect(runTask(app, Elsewhere, 'run', [])).rejects.toEqual(coded('LOVAGE_NOT_A_TASK'));
  });

  it('has types', async () => {
    const { app } = await start();
    const wrong = async (): Promise<void> => {
      // @ts-expect-error a wrong argument
      await runTask(app, MailTasks, 'mail', [1]);
      // @ts-expect-error an unknown method
      await runTask(app, MailTasks, 'nail', ['a']);
      // @ts-expect-error a member that is no method
      await runTask(app, MailTasks, 'sent', []);
    };
    expect(wrong).toBeDefined();
  });
});
