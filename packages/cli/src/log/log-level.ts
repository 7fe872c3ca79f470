/** Nest's names. */
export type LogLevel = 'debug' | 'log' | 'warn' | 'error' | 'fatal';

/** Celery's names for them, and Nest's. */
export const logLevels: Readonly<Record<string, LogLevel>> = {
  debug: 'debug',
  info: 'log',
  warning: 'warn',
  error: 'error',
  critical: 'fatal',
  log: 'log',
  warn: 'warn',
  fatal: 'fatal',
};

const order: readonly LogLevel[] = ['debug', 'log', 'warn', 'error', 'fatal'];

/** This level and all above it. */
export const levelsFrom = (level: LogLevel): LogLevel[] => order.slice(order.indexOf(level));
