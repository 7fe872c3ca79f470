import { OPTION_INVALID, type PeriodicEntry, type Schedules } from '@lovage/core';
import { Body, Delete, Get, Header, HttpCode, HttpStatus, Param, Patch, Post } from '@nestjs/common';
import { httpError } from './http-errors.js';
import { type ScheduleView, scheduleView } from './schedule-view.js';

/**
 * The endpoints of schedules. `TaskQueueModule.forRoot({ http: { schedules: true } })` makes a controller of it; to have your own path, guards
 * or documentation, extend it:
 *
 * ```ts
 * @Controller('admin/schedules')
 * @UseGuards(AdminGuard)
 * export class SchedulesController extends ScheduleHttpController {
 *   constructor(schedules: Schedules) { super(schedules); }
 * }
 * ```
 *
 * Who may add a schedule may run any task with any arguments: guard it.
 */
export abstract class ScheduleHttpController {
  constructor(protected readonly schedules: Schedules) {}

  /** All schedules, with their next and last run. */
  @Get()
  @Header('Cache-Control', 'no-store')
  async list(): Promise<readonly ScheduleView[]> {
    return await answered(async () => (await this.schedules.list()).map(scheduleView));
  }

  @Get(':name')
  @Header('Cache-Control', 'no-store')
  async findOne(@Param('name') name: string): Promise<ScheduleView> {
    return await answered(async () => scheduleView(await this.schedules.get(name)));
  }

  /** Adds a schedule: `{ "name", "task", "schedule", … }`. `schedule` is a line of cron, seconds, a duration, or what `crontab()` and its like make. */
  @Post()
  async add(@Body() body: unknown): Promise<ScheduleView> {
    return await answered(async () => {
      const { name, ...entry } = bag(body);
      return scheduleView(await this.schedules.add(name as string, entry as unknown as PeriodicEntry));
    });
  }

  /** Changes what the body gives; the rest stays. */
  @Patch(':name')
  async change(@Param('name') name: string, @Body() body: unknown): Promise<ScheduleView> {
    return await answered(async () => scheduleView(await this.schedules.change(name, bag(body))));
  }

  @Delete(':name')
  @HttpCode(HttpStatus.NO_CONTENT)
  async remove(@Param('name') name: string): Promise<void> {
    await answered(async () => await this.schedules.delete(name));
  }

  @Post(':name/pause')
  @HttpCode(HttpStatus.OK)
  async pause(@Param('name') name: string): Promise<ScheduleView> {
    return await answered(async () => scheduleView(await this.schedules.pause(name)));
  }

  @Post(':name/resume')
  @HttpCode(HttpStatus.OK)
  async resume(@Param('name') name: string): Promise<ScheduleView> {
    return await answered(async () => scheduleView(await this.schedules.resume(name)));
  }

  /** Sends its task now; gives the ids of the tasks. */
  @Post(':name/run')
  @HttpCode(HttpStatus.ACCEPTED)
  async run(@Param('name') name: string): Promise<{ readonly ids: readonly string[] }> {
    return await answered(async () => ({ ids: (await this.schedules.runNow(name)).map(({ id }) => id) }));
  }
}

function bag(body: unknown): Readonly<Record<string, unknown>> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body))
    return body as Readonly<Record<string, unknown>>;
  throw OPTION_INVALID.create({ problems: [{ option: 'body', expected: 'a JSON object', got: body }] });
}

async function answered<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw httpError(error);
  }
}
