import { Injectable, Scope } from '@nestjs/common';
import {
  GlobalTaskHooks,
  type LovageEvent,
  OnTaskEvent,
  Task,
  type TaskContext,
  type TaskEnd,
  type TaskHooks,
  TaskQueueTesting,
  TaskQueueTestingModule,
  tasksOf,
  UseTaskHooks,
} from '../../src/index.js';
import { closeAppsAfterEach, startApp } from '../support/apps.js';

closeAppsAfterEach();

@Injectable()
class Journal {
  readonly lines: string[] = [];
}

@Injectable()
class AuditHooks implements TaskHooks {
  constructor(private readonly journal: Journal) {}

  beforeStart(task: TaskContext): void {
    this.journal.lines.push(`audit: ${task.name} begins`);
  }

  async onSuccess(value: unknown): Promise<void> {
    await Promise.resolve();
    this.journal.lines.push(`audit: ${String(value)}`);
  }

  onFailure(): never {
    throw new Error('the audit is closed');
  }
}

@Injectable()
@GlobalTaskHooks()
class AllHooks implements TaskHooks {
  constructor(private readonly journal: Journal) {}

  afterReturn({ state }: TaskEnd): void {
    this.journal.lines.push(`all: ${state}`);
  }
}

@Injectable()
class PlainTasks {
  @Task('plain.add')
  add(x: number, y: number): number {
    return x + y;
  }

  @Task('plain.fail')
  @UseTaskHooks(AuditHooks)
  fail(): never {
    throw new RangeError('no');
  }
}

@Injectable()
@UseTaskHooks(AuditHooks)
class AuditedTasks {
  @Task('audited.add')
  add(x: number, y: number): number {
    return x + y;
  }
}

describe('hooks of tasks', () => {
  it('are providers: of a class, of a method, or of all tasks', async () => {
    const app = await startApp({
      imports: [TaskQueueTestingModule.forRoot()],
      providers: [Journal, AuditHooks, AllHooks, PlainTasks, AuditedTasks],
    });
    const testing = app.get(TaskQueueTesting);
    const plain = tasksOf(PlainTasks, testing.client);
    const results = [
      await plain.add.delay(1, 2),
      await tasksOf(AuditedTasks, testing.client).add.delay(2, 3),
    ];
    await testing.drain();
    await expect(Promise.all(results.map(async (result) => await result.get()))).resolves.toEqual([3, 5]);
    expect(app.get(Journal).lines.toSorted()).toEqual(
      ['all: SUCCESS', 'all: SUCCESS', 'audit: 5', 'audit: audited.add begins'].toSorted(),
    );
  });

  it('change no outcome by what they throw', async () => {
    const app = await startApp({
      imports: [TaskQueueTestingModule.forRoot()],
      providers: [Journal, AuditHooks, PlainTasks],
    });
    const testing = app.get(TaskQueueTesting);
    const result = await tasksOf(PlainTasks, testing.client).fail.delay();
    await testing.drain();
    await expect(result.get()).rejects.toMatchObject({ name: 'RangeError', message: 'no' });
  });

  it('are refused when they are no provider, or have a scope', async () => {
    await expect(
      startApp({ imports: [TaskQueueTestingModule.forRoot()], providers: [PlainTasks] }),
    ).rejects.toMatchObject({ code: 'LOVAGE_TASK_HOOKS_INVALID' });

    @Injectable({ scope: Scope.TRANSIENT })
    @GlobalTaskHooks()
    class Fleeting implements TaskHooks {}
    await expect(
      startApp({ imports: [TaskQueueTestingModule.forRoot()], providers: [Fleeting] }),
    ).rejects.toMatchObject({ code: 'LOVAGE_TASK_HOOKS_INVALID' });

    @Injectable()
    @GlobalTaskHooks('elsewhere')
    class Lost implements TaskHooks {}
    await expect(
      startApp({ imports: [TaskQueueTestingModule.forRoot()], providers: [Lost] }),
    ).rejects.toMatchObject({ code: 'LOVAGE_APP_UNKNOWN' });
  });
});

describe('@OnTaskEvent()', () => {
  it('tells a method what happens to tasks; what it throws harms nobody', async () => {
    const told: string[] = [];
    @Injectable()
    class Listeners {
      @OnTaskEvent(['task-succeeded', 'task-failed'])
      onEnd({ type, taskName }: Extract<LovageEvent, { type: 'task-succeeded' | 'task-failed' }>): void {
        told.push(`${type} ${taskName}`);
        throw new Error('not now');
      }

      @OnTaskEvent('task-failed')
      async onFailed({ error }: Extract<LovageEvent, { type: 'task-failed' }>): Promise<void> {
        await Promise.resolve();
        told.push(String(error));
        throw new Error('not now either');
      }

      @OnTaskEvent()
      onAny({ type }: LovageEvent): void {
        if (type === 'worker-online') told.push(type);
      }
    }
    const app = await startApp({
      imports: [TaskQueueTestingModule.forRoot()],
      providers: [Journal, AuditHooks, PlainTasks, Listeners],
    });
    const testing = app.get(TaskQueueTesting);
    const plain = tasksOf(PlainTasks, testing.client);
    await plain.add.delay(1, 2);
    await testing.drain();
    await plain.fail.delay();
    await testing.drain();
    expect(told).toEqual([
      'worker-online',
      'task-succeeded plain.add',
      'task-failed plain.fail',
      'RangeError: no',
    ]);
  });

  it('has the event of its types as its parameter', () => {
    class Typed {
      // @ts-expect-error: a listener of failures is not told of successes
      @OnTaskEvent('task-failed')
      wrong(_event: Extract<LovageEvent, { type: 'task-succeeded' }>): void {}

      // @ts-expect-error: there is no such event
      @OnTaskEvent('task-exploded')
      unknown(): void {}

      @OnTaskEvent('task-failed')
      right({ error }: Extract<LovageEvent, { type: 'task-failed' }>): unknown {
        return error;
      }
    }
    expect(Object.getOwnPropertyNames(Typed.prototype)).toContain('right');
  });
});

describe('options of the life of a task', () => {
  it('are typed and checked', async () => {
    class Options {
      @Task({
        name: 'options.all',
        autoretryFor: [RangeError, 'ECONNRESET', (error) => error === 1, { error: TypeError, delay: '5s' }],
        dontRetryFor: ['Forbidden'],
        retryBackoff: '1s',
        retryBackoffMax: '10m',
        retryJitter: false,
        retryFor: '1h',
        retryAfter: true,
        maxRetries: null,
        timeLimit: '10m',
        softTimeLimit: 30,
        acksLate: false,
        acksOnFailureOrTimeout: false,
        rejectOnWorkerLost: false,
        storeErrorsEvenIfIgnored: true,
      })
      all(): void {}

      // @ts-expect-error: a duration is a number of seconds or text with a unit
      @Task({ timeLimit: 'ten minutes' })
      wrong(): void {}
    }
    Injectable()(Options);
    await expect(
      startApp({ imports: [TaskQueueTestingModule.forRoot()], providers: [Options] }),
    ).rejects.toMatchObject({ code: 'LOVAGE_OPTION_INVALID', message: expect.stringContaining('timeLimit') });
  });
});
