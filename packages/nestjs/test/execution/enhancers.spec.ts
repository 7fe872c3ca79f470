import {
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  Catch,
  type ExceptionFilter,
  type ExecutionContext,
  ForbiddenException,
  Injectable,
  type NestInterceptor,
  ParseIntPipe,
  type PipeTransform,
  Scope,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  ValidationPipe,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { IsInt } from 'class-validator';
import { from, map, of, type Observable } from 'rxjs';
import {
  currentTask,
  getTaskContext,
  Ignore,
  Reject,
  runTask,
  Task,
  type TaskContext,
  TaskExecutionContext,
  TaskQueueTesting,
  TaskQueueTestingModule,
  tasksOf,
} from '../../src/index.js';
import { closeAppsAfterEach, startApp, type TestingModule } from '../support/apps.js';
import { coded, rejection } from '../support/errors.js';

const Roles = Reflector.createDecorator<string[]>();

@Injectable()
class Journal {
  readonly lines: string[] = [];
}

/** Lets a task through whose header names a role that the method asks for. */
@Injectable()
class RolesGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly journal: Journal,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const { task, args } = TaskExecutionContext.of(context);
    this.journal.lines.push(
      `guard ${context.getType<string>()} ${context.getClass().name}.${context.getHandler().name} ${args.length}`,
    );
    const roles = this.reflector.getAllAndOverride(Roles, [context.getHandler(), context.getClass()]) ?? [];
    return roles.length === 0 || roles.includes(String(task.headers['role']));
  }
}

@Injectable()
class Louder implements NestInterceptor {
  constructor(private readonly journal: Journal) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    this.journal.lines.push(
      `before ${getTaskContext(context).name} ${context.switchToRpc().getContext<TaskContext>().id.length > 0}`,
    );
    return next.handle().pipe(map((value) => `${String(value)}!`));
  }
}

@Catch(RangeError)
class RangeFilter implements ExceptionFilter {
  catch(error: RangeError, host: ArgumentsHost): string {
    return `caught ${error.message} of ${getTaskContext(host).name}`;
  }
}

@Catch()
class LoggingFilter implements ExceptionFilter {
  static seen: unknown[] = [];
  catch(error: unknown): void {
    LoggingFilter.seen.push(error);
  }
}

@Catch(TypeError)
class TranslatingFilter implements ExceptionFilter {
  catch(error: TypeError): never {
    throw new SyntaxError(`translated ${error.message}`);
  }
}

class CountDto {
  @IsInt()
  count!: number;
}

@Injectable()
class Upper implements PipeTransform<string, string> {
  constructor(private readonly journal: Journal) {}
  transform(
    value: string,
    metadata: { readonly type: string; readonly data?: string | undefined; readonly metatype?: unknown },
  ): string {
    this.journal.lines.push(
      `pipe ${metadata.type} ${metadata.data ?? '-'} ${(metadata.metatype as { name?: string } | undefined)?.name ?? '-'}`,
    );
    return value.toUpperCase();
  }
}

@Injectable()
class EnhancedTasks {
  constructor(private readonly journal: Journal) {}

  @Task('guarded')
  @UseGuards(RolesGuard)
  @Roles(['admin'])
  guarded(_x: number): string {
    this.journal.lines.push('method');
    return 'done';
  }

  @Task({ name: 'intercepted', bind: true })
  @UseInterceptors(Louder)
  intercepted(task: TaskContext, text: string): string {
    return `${text} ${task === currentTask()}`;
  }

  @Task({ name: 'piped', bind: true, params: ['first', 'second?'] })
  @UsePipes(Upper)
  piped(task: TaskContext, first: string, second: string = 'default', ...rest: string[]): string[] {
    return [task.name, first, second, ...rest];
  }

  @Task('many')
  @UsePipes(Upper)
  many(...words: string[]): string[] {
    return words;
  }

  @Task('numbers')
  @UsePipes(new ParseIntPipe())
  numbers(x: unknown): unknown {
    return x;
  }

  @Task('validated')
  @UsePipes(new ValidationPipe({ transform: true }))
  validated(dto: CountDto): boolean {
    return dto instanceof CountDto;
  }

  @Task('filtered')
  @UseFilters(RangeFilter, TranslatingFilter)
  filtered(kind: string): never {
    if (kind === 'range') throw new RangeError('too far');
    if (kind === 'type') throw new TypeError('wrong');
    throw new Error('other');
  }

  @Task({ name: 'signals', bind: true })
  @UseFilters(LoggingFilter)
  signals(task: TaskContext, kind: string): never {
    if (kind === 'retry') throw task.retry({ countdown: 1 });
    if (kind === 'ignore') throw new Ignore();
    if (kind === 'reject') throw new Reject('no');
    throw new Error('logged');
  }

  @Task('all')
  @UseGuards(RolesGuard)
  @UseInterceptors(Louder)
  @UsePipes(Upper)
  all(word: string): string {
    this.journal.lines.push(`method ${word}`);
    return word;
  }

  @Task('observed')
  observed(): Observable<number> {
    return from([1, 2, 3]);
  }

  @Task('later observed')
  async laterObserved(): Promise<Observable<number>> {
    return await Promise.resolve(of(4));
  }
}

@UseGuards(RolesGuard)
@Roles(['admin'])
@Injectable()
class GuardedClass {
  @Task()
  closed(): string {
    return 'in';
  }

  @Task()
  @Roles([])
  open(): string {
    return 'in';
  }
}

const start = async (): Promise<TestingModule> =>
  await startApp({
    imports: [TaskQueueTestingModule.forRoot()],
    providers: [Journal, EnhancedTasks, GuardedClass, RolesGuard],
  });

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

describe('pipes of a task', () => {
  it('see every argument, not the context, and leave defaults alone', async () => {
    const app = await start();
    expect(await runTask(app, EnhancedTasks, 'piped', ['a'])).toEqual(['piped', 'A', 'default']);
    expect(await runTask(app, EnhancedTasks, 'piped', ['a', 'b'])).toEqual(['piped', 'A', 'B']);
    expect(app.get(Journal).lines).toEqual([
      'pipe body first String',
      'pipe body first String',
      'pipe body second String',
    ]);
  });

  it('see as many arguments as there are', async () => {
    const app = await start();
    expect(await runTask(app, EnhancedTasks, 'many', ['a', 'b', 'c', 'd'])).toEqual(['A', 'B', 'C', 'D']);
    expect(await runTask(app, EnhancedTasks, 'many', [])).toEqual([]);
  });

  it('convert, and fail the task with what they throw', async () => {
    const app = await start();
    expect(await runTask(app, EnhancedTasks, 'numbers', ['42'])).toBe(42);
    await expect(runTask(app, EnhancedTasks, 'numbers', ['x'])).rejects.toThrow(/numeric string/);
  });

  it('know the type of the parameter, so that a ValidationPipe works', async () => {
    const app = await start();
    expect(await runTask(app, EnhancedTasks, 'validated', [{ count: 3 }])).toBe(true);
  });
});

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
