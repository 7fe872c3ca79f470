import { type ControlCommand, nok, ok } from '../control-command.js';

/** `time_limit(task_name, hard=None, soft=None)`: seconds. */
export const timeLimit: ControlCommand = {
  name: 'time_limit',
  run: ({ worker, args }) => {
    const { task_name: taskName, hard, soft } = args;
    if (typeof taskName !== 'string' || !worker.knows(taskName)) return nok('unknown task');
    worker.setTimeLimits(taskName, { hardMs: millisecondsOf(hard), softMs: millisecondsOf(soft) });
    return ok('time limits set successfully');
  },
};

const millisecondsOf = (seconds: unknown): number | undefined =>
  typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : undefined;
