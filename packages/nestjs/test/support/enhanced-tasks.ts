import {
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  Catch,
  type ExceptionFilter,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  ParseIntPipe,
  type PipeTransform,
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
  Task,
  type TaskContext,
  TaskExecutionContext,
  TaskQueueTestingModule,
} from '../../src/index.js';
import { startApp, type TestingModule } from './apps.js';

export const Roles = Reflector.createDecorator<string[]>();

@Injectable()
export class Journal {
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
export class LoggingFilter implements ExceptionFilter {
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
export class EnhancedTasks {
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
export class GuardedClass {
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

export const start = async (): Promise<TestingModule> =>
  await startApp({
    imports: [TaskQueueTestingModule.forRoot()],
    providers: [Journal, EnhancedTasks, GuardedClass, RolesGuard],
  });
