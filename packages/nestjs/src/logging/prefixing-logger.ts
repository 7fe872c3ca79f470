import { ConsoleLogger, type LoggerService, type LogLevel } from '@nestjs/common';
import { taskLabel } from './task-label.js';

type Level = 'log' | 'error' | 'warn' | 'debug' | 'verbose' | 'fatal';

/**
 * Puts `[task name task id]` before what is logged while a task runs, and gives everything to another logger. A message
 * that is no text stays as it is, and the label goes to its context.
 *
 * It is a ConsoleLogger only because Nest asks loggers of this class, and no others, which levels they have enabled.
 */
export class PrefixingLogger extends ConsoleLogger {
  constructor(readonly inner: LoggerService) {
    super();
  }

  override log(...args: readonly unknown[]): void {
    this.pass('log', args);
  }

  override error(...args: readonly unknown[]): void {
    this.pass('error', args);
  }

  override warn(...args: readonly unknown[]): void {
    this.pass('warn', args);
  }

  override debug(...args: readonly unknown[]): void {
    this.pass('debug', args);
  }

  override verbose(...args: readonly unknown[]): void {
    this.pass('verbose', args);
  }

  override fatal(...args: readonly unknown[]): void {
    this.pass('fatal', args);
  }

  override setLogLevels(levels: LogLevel[]): void {
    this.inner.setLogLevels?.(levels);
  }

  override isLevelEnabled(level: LogLevel): boolean {
    return this.inner instanceof ConsoleLogger ? this.inner.isLevelEnabled(level) : true;
  }

  private pass(level: Level, args: readonly unknown[]): void {
    const label = taskLabel();
    const [message, ...others] = label === undefined ? args : labelled(label, args);
    this.inner[level]?.(message, ...others);
  }
}

/** Of several arguments the last is the context, when it is text. */
function labelled(label: string, [message, ...others]: readonly unknown[]): readonly unknown[] {
  if (typeof message === 'string') return [`${label} ${message}`, ...others];
  const context = others.at(-1);
  return typeof context === 'string'
    ? [message, ...others.slice(0, -1), `${context} ${label}`]
    : [message, ...others, label];
}
