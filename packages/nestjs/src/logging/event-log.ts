import { inspect } from 'node:util';
import type { EventHub, LovageEvent } from '@lovage/core';
import { Logger } from '@nestjs/common';
import type { TaskLoggingOptions } from './logging-options.js';
import { oneLine } from './one-line.js';

/** Which events are lines of their own although nothing went wrong. */
const routine: ReadonlySet<LovageEvent['type']> = new Set([
  'task-received',
  'task-started',
  'task-succeeded',
  'task-ignored',
  'beat-started',
  'beat-stopped',
  'beat-tick',
]);

/**
 * Writes events of an app to Nest's Logger. Lines tell names, ids and times, and the error of a task that failed; never
 * arguments or results.
 *
 * @param appName for the lines of the worker
 * @returns the function that ends it
 */
export function logEvents(
  events: EventHub,
  which: Required<TaskLoggingOptions>['events'],
  appName: string,
): () => void {
  if (which === 'none') return () => undefined;
  const logger = new Logger('TaskQueue');
  return events.listen((event) => {
    if (which === 'all' || !routine.has(event.type)) write(logger, event, appName);
  });
}

function write(logger: Logger, event: LovageEvent, appName: string): void {
  switch (event.type) {
    case 'task-received':
      return logger.log(
        `${taskOf(event)} received from ${event.queue}${event.retries > 0 ? ` (retry ${event.retries})` : ''}`,
      );
    case 'task-started':
      return logger.log(`${taskOf(event)} started`);
    case 'task-succeeded':
      return logger.log(`${taskOf(event)} succeeded in ${seconds(event.runtimeMs)}`);
    case 'task-ignored':
      return logger.log(`${taskOf(event)} was ignored by its method`);
    case 'task-failed':
      return logger.error(
        `${taskOf(event)} failed in ${seconds(event.runtimeMs)}: ${lineOf(event.error)}`,
        stackOf(event.error),
      );
    case 'task-retried':
      return logger.warn(
        `${taskOf(event)} will be retried at ${new Date(event.notBeforeMs).toISOString()}: ${lineOf(event.error)}`,
      );
    case 'task-rejected':
      return logger.warn(
        `${taskOf(event)} was ${event.requeue ? 'put back' : 'parked'} by its method: ${event.reason}`,
      );
    case 'task-revoked':
      return logger.warn(
        `${taskOf(event)} ${event.expired ? 'expired' : event.terminated ? 'was terminated' : 'was revoked'}`,
      );
    case 'worker-online':
      return logger.log(
        `worker ${event.hostname} of the app "${appName}" takes ${event.concurrency} tasks at a time from ${event.queues.join(', ')}`,
      );
    case 'worker-drained': {
      const { finished, returned, abandoned } = event.report;
      const line = `worker ${event.hostname} drained: ${finished} finished, ${returned} handed back`;
      if (abandoned.length === 0) return logger.log(line);
      const cut = oneLine(abandoned.map(({ taskName, taskId }) => `${taskName} ${taskId}`).join(', '));
      return logger.warn(`${line}, ${abandoned.length} cut and handed back: ${cut}`);
    }
    case 'worker-offline':
      return logger.log(`worker ${event.hostname} of the app "${appName}" has stopped`);
    case 'worker-problem': {
      const { taskName, taskId = '?' } = event;
      const about = taskName === undefined ? '' : ` ${taskOf({ taskName, taskId })}`;
      return logger.error(`worker ${event.hostname}${about}: ${lineOf(event.error)}`, stackOf(event.error));
    }
    case 'beat-started':
      return logger.log(`beat "${event.beat}" of the app "${appName}" runs on ${event.hostname}`);
    case 'beat-stopped':
      return logger.log(`beat "${event.beat}" of the app "${appName}" has stopped on ${event.hostname}`);
    case 'beat-leading':
      return logger.log(`beat on ${event.hostname} leads "${event.lease}"`);
    case 'beat-following':
      return logger.warn(`beat on ${event.hostname} leads "${event.lease}" no more: ${event.reason}`);
    case 'beat-tick':
      return logger.log(
        `${taskOf(event)} ${event.outcome} by schedule ${oneLine(event.schedule)}, due ${new Date(event.dueMs).toISOString()}`,
      );
    case 'beat-problem':
      return logger.error(
        `beat${event.schedule === undefined ? '' : `, schedule ${oneLine(event.schedule)}`}: ${lineOf(event.error)}`,
        stackOf(event.error),
      );
    case 'store-warning':
      return logger.warn(lineOf(event.error));
  }
}

function taskOf({ taskName, taskId }: { readonly taskName: string; readonly taskId: string }): string {
  return oneLine(`[${taskName} ${taskId}]`);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}

/** Anything can be thrown, also things that throw when they are looked at. */
function lineOf(error: unknown): string {
  try {
    if (error === undefined) return 'no error given';
    if (typeof error === 'string') return error;
    if (typeof error !== 'object' || error === null) return inspect(error);
    const { name, message, code } = error as Readonly<Record<string, unknown>>;
    return `${textOf(code) ?? textOf(name) ?? 'Error'}: ${textOf(message) ?? 'no message'}`;
  } catch {
    return 'an error that can not be shown';
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function stackOf(error: unknown): string | undefined {
  try {
    const stack = typeof error === 'object' && error !== null && 'stack' in error ? error.stack : undefined;
    return typeof stack === 'string' ? stack : undefined;
  } catch {
    return undefined;
  }
}
