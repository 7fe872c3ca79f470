import {
  type Clock,
  type Duration,
  durationMs,
  OPTION_INVALID,
  SystemClock,
  TASK_ID_UNKNOWN,
  type TaskClient,
  type TaskSnapshot,
} from '@lovage/core';
import {
  Delete,
  Get,
  Header,
  HttpCode,
  HttpStatus,
  Inject,
  type MessageEvent,
  Param,
  Query,
  Req,
  Sse,
} from '@nestjs/common';
import type { Observable } from 'rxjs';
import { endpointOptionProblems } from '../module/check-module-options.js';
import { TaskAppDirectory } from '../module/task-app-directory.js';
import type { AnyRequest } from './disconnection.js';
import { httpError } from './http-errors.js';
import type { TaskEndpointOptions } from './http-options.js';
import { taskEvents } from './task-events.js';
import { type TaskView, taskView } from './task-view.js';
import { waitUntilReady } from './task-watch.js';

/** Longest id that is looked up. */
const longestId = 255;

/**
 * The endpoints of tasks. `TaskQueueModule.forRoot({ http: … })` makes a controller of it; to have your own path, guards,
 * interceptors or documentation, extend it:
 *
 * ```ts
 * @Controller('jobs')
 * @UseGuards(AuthGuard)
 * export class JobsController extends TaskHttpController {
 *   constructor(tasks: TaskClient) { super(tasks, { maxWait: '30s' }); }
 * }
 * ```
 */
export abstract class TaskHttpController {
  // reason: Nest sets it after the constructor, so that classes that extend this one need not know of it.
  @Inject(TaskAppDirectory)
  private readonly directory!: TaskAppDirectory;

  private readonly maxWaitMs: number;
  private readonly heartbeatMs: number;
  private readonly showTraceback: boolean;

  /** @throws LOVAGE_OPTION_INVALID */
  constructor(
    protected readonly tasks: TaskClient,
    options: TaskEndpointOptions = {},
  ) {
    const problems = endpointOptionProblems(options);
    if (problems.length > 0) throw OPTION_INVALID.create({ problems });
    this.maxWaitMs = durationMs(options.maxWait ?? '60s', 'maxWait');
    this.heartbeatMs = durationMs(options.heartbeat ?? '15s', 'heartbeat');
    this.showTraceback = options.showTraceback ?? false;
  }

  /** State of a task, with its progress, result or error. `?wait=10s` answers when it is ready, at the latest after that time. */
  @Get(':id')
  @Header('Cache-Control', 'no-store')
  async findOne(
    @Param('id') id: string,
    @Query('wait') wait: unknown,
    @Req() request: AnyRequest,
  ): Promise<TaskView> {
    return await answered(async () => {
      const timeoutMs = this.waitMs(wait);
      const result = this.tasks.result(checkedId(id));
      const snapshot =
        timeoutMs === undefined
          ? await result.snapshot()
          : await waitUntilReady(result, { clock: this.clock, timeoutMs, closing: this.closing, request });
      return this.view(existing(snapshot));
    });
  }

  /** Server-sent events: the present state, then each change; ends when the task is ready. */
  @Sse(':id/events')
  async events(@Param('id') id: string): Promise<Observable<MessageEvent>> {
    return await answered(async () => {
      const result = this.tasks.result(checkedId(id));
      existing(await result.snapshot());
      return taskEvents(result, {
        clock: this.clock,
        heartbeatMs: this.heartbeatMs,
        closing: this.closing,
        view: (snapshot) => this.view(snapshot),
      });
    });
  }

  /**
   * Revokes a task; `?terminate=true` also stops it when it runs. An id that was never sent is refused, so that nobody fills
   * the store with revocations; `TaskClient.revoke` takes it.
   */
  @Delete(':id')
  @HttpCode(HttpStatus.ACCEPTED)
  async revoke(
    @Param('id') id: string,
    @Query('terminate') terminate: unknown,
  ): Promise<{ readonly id: string }> {
    return await answered(async () => {
      const options = { terminate: flag(terminate, 'terminate') };
      existing(await this.tasks.result(checkedId(id)).snapshot());
      await this.tasks.revoke(id, options);
      return { id };
    });
  }

  private get clock(): Clock {
    return this.directory.hostOf(this.tasks)?.app.clock ?? new SystemClock();
  }

  private get closing(): AbortSignal {
    return this.directory.hostOf(this.tasks)?.closing.signal ?? new AbortController().signal;
  }

  private view(snapshot: TaskSnapshot): TaskView {
    return taskView(snapshot, this.showTraceback);
  }

  /** `undefined`: answer at once. */
  private waitMs(wait: unknown): number | undefined {
    if (wait === undefined) return undefined;
    const duration = typeof wait === 'string' && /^\d+(\.\d+)?$/.test(wait) ? Number(wait) : wait;
    return Math.min(durationMs(duration as Duration, 'wait'), this.maxWaitMs);
  }
}

async function answered<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw httpError(error);
  }
}

function existing(snapshot: TaskSnapshot): TaskSnapshot {
  if (!snapshot.known) throw TASK_ID_UNKNOWN.create({ taskId: snapshot.id });
  return snapshot;
}

function checkedId(id: string): string {
  if (id.length > longestId) throw TASK_ID_UNKNOWN.create({ taskId: `${id.slice(0, 40)}…` });
  return id;
}

function flag(value: unknown, option: string): boolean {
  if (value === undefined || value === 'false' || value === '0') return false;
  if (value === 'true' || value === '1' || value === '') return true;
  throw OPTION_INVALID.create({ problems: [{ option, expected: 'true or false', got: value }] });
}
