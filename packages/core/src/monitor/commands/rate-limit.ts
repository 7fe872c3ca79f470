import { type ControlCommand, nok, ok } from '../control-command.js';

/** `rate_limit(task_name, rate_limit)`, such as `10/m`; null, 0 or an empty text ends it. */
export const rateLimit: ControlCommand = {
  name: 'rate_limit',
  run: ({ worker, args }) => {
    const { task_name: taskName, rate_limit: given } = args;
    if (typeof taskName !== 'string' || !worker.knows(taskName)) return nok('unknown task');
    const rate = typeof given === 'string' || typeof given === 'number' ? given : null;
    const isNone = rate === null || rate === '' || rate === 0 || rate === '0';
    if (!worker.setRateLimit(taskName, isNone ? null : rate))
      return nok(`Invalid rate limit string: ${String(rate)}`);
    return ok(isNone ? 'rate limit disabled successfully' : 'new rate limit set successfully');
  },
};
