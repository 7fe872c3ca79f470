import { maybeCurrentTask } from '@lovage/core';
import { ConsoleLogger, Injectable } from '@nestjs/common';
import { taskLabel } from './task-label.js';

/**
 * Nest's ConsoleLogger that tells which task a line belongs to: `[task name task id]` behind the context, and with
 * `json: true` the fields `task` and `taskId`.
 *
 * ```ts
 * const app = await NestFactory.create(AppModule, { logger: new TaskLogger({ json: true }) });
 * ```
 */
@Injectable()
export class TaskLogger extends ConsoleLogger {
  protected override formatMessage(...args: Parameters<ConsoleLogger['formatMessage']>): string {
    const label = taskLabel();
    if (label === undefined) return super.formatMessage(...args);
    const [level, message, pid, formattedLevel, context, ...rest] = args;
    return super.formatMessage(level, message, pid, formattedLevel, `${context}${label} `, ...rest);
  }

  protected override getJsonLogObject(
    ...args: Parameters<ConsoleLogger['getJsonLogObject']>
  ): ReturnType<ConsoleLogger['getJsonLogObject']> {
    const line = super.getJsonLogObject(...args);
    const task = maybeCurrentTask();
    return task === undefined ? line : { ...line, task: task.name, taskId: task.id };
  }
}
