import { refuseNoMethod } from '../task/task-metadata.js';
import { addPeriodicMetadata } from './periodic-metadata.js';
import type { PeriodicDecoratorOptions, PeriodicSource } from './periodic-source.js';

/**
 * Runs a method of a provider by the clock: alone it makes the method a task, with `@Task()` it adds a schedule to it. Several
 * may stand at one method.
 *
 * ```ts
 * @Periodic(crontab({ minute: '*\/10' }), { args: ['hello'] })
 * @Periodic(CronExpression.EVERY_DAY_AT_MIDNIGHT, { args: ['good night'], missed: 'skip' })
 * @Task({ queue: 'mail', expires: 60 })
 * async sendMail(content: string) { … }
 *
 * @Periodic({ inject: [ConfigService], useFactory: (config: ConfigService) => config.get('REPORT_CRON') })
 * async report() { … }
 * ```
 *
 * The beat sends its task, wherever one runs (option `beat`), and a worker executes it, once for each tick however many processes there
 * are. Schedules and options are validated when the application starts.
 */
export function Periodic(
  schedule: PeriodicSource,
  options: PeriodicDecoratorOptions = {},
): (target: object, method: string) => void {
  return (target, method) => {
    refuseNoMethod(target, method);
    addPeriodicMetadata(target, method, { source: schedule, options });
  };
}
