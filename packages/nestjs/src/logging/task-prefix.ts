import { Logger, type LoggerService } from '@nestjs/common';
import { PrefixingLogger } from './prefixing-logger.js';
import { TaskLogger } from './task-logger.js';

/** Gives access to the logger that all instances of Nest's Logger write to. */
class LoggerInUse extends Logger {
  static get(): LoggerService | undefined {
    return Logger.staticInstanceRef;
  }
}

/** Applications of this process that want the prefix. The logger is one for all of them. */
let users = 0;

/**
 * Makes lines that are logged while a task runs begin with `[task name task id]`, by putting a logger of ours before the
 * one in use. That is done with `Logger.overrideLogger`, as `app.useLogger` does it: Nest's Logger is one for the whole
 * process and has no other place for it. Where nothing is logged, or a TaskLogger is in use, nothing is changed.
 *
 * @returns the function that puts the former logger back, unless another was set meanwhile
 */
export function installTaskPrefix(): () => void {
  users += 1;
  const inUse = LoggerInUse.get();
  if (inUse !== undefined && !(inUse instanceof PrefixingLogger) && !(inUse instanceof TaskLogger)) {
    Logger.overrideLogger(new PrefixingLogger(inUse));
  }
  let ended = false;
  return () => {
    if (ended) return;
    ended = true;
    users -= 1;
    const present = LoggerInUse.get();
    if (users === 0 && present instanceof PrefixingLogger) Logger.overrideLogger(present.inner);
  };
}
