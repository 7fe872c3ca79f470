import type { LovageEvent, TaskApp } from '@lovage/core';
import { levelsFrom, type LogLevel } from './log-level.js';

/**
 * Writes what happens in an app as lines, where no framework does. Lines tell names, ids and times, never arguments or results.
 *
 * @returns ends it
 */
export function logEvents(app: TaskApp, level: LogLevel, write: (line: string) => void): () => void {
  const wanted: ReadonlySet<LogLevel> = new Set(levelsFrom(level));
  return app.events.listen((event) => {
    const line = lineOf(event);
    if (line === undefined || !wanted.has(line[0])) return;
    write(
      `[${new Date(app.clock.wallNow()).toISOString()}: ${line[0]}] ${line[1].replaceAll(/[\r\n]+/g, ' ')}`,
    );
  });
}

function lineOf(event: LovageEvent): readonly [LogLevel, string] | undefined {
  if (event.type === 'beat-tick')
    return ['debug', `${event.schedule}: ${event.taskName}[${event.taskId}] ${event.outcome}`];
  if ('taskId' in event && event.type !== 'worker-problem') {
    const task = `${event.taskName}[${event.taskId}]`;
    if (event.type === 'task-succeeded')
      return ['log', `${task} succeeded in ${event.runtimeMs.toFixed(1)} ms`];
    if (event.type === 'task-failed') return ['error', `${task} failed: ${messageOf(event.error)}`];
    if (event.type === 'task-retried') return ['warn', `${task} will be retried: ${messageOf(event.error)}`];
    return ['debug', `${task} ${event.type.slice('task-'.length)}`];
  }
  if (event.type === 'beat-problem') return ['error', messageOf(event.error)];
  if (event.type === 'beat-leading') return ['log', `${event.hostname} leads "${event.lease}"`];
  if (event.type === 'beat-following')
    return ['warn', `${event.hostname} leads "${event.lease}" no more: ${event.reason}`];
  if (event.type === 'worker-problem') return ['error', messageOf(event.error)];
  if (event.type === 'store-warning') return ['warn', event.error.message];
  return undefined;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'no error was given');
