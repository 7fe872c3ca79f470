import { Schedules } from '@lovage/core';
import { Inject, type InjectionToken } from '@nestjs/common';
import { defaultAppName } from '../task/task-method.js';

/** Token of the `Schedules` of an app. The default one's is the class itself. */
export function getSchedulesToken(app: string = defaultAppName): InjectionToken<Schedules> {
  return app === defaultAppName ? Schedules : `lovage:schedules:${app}`;
}

/**
 * Injects the `Schedules` of a task app: list, add, change, pause, resume, run and delete periodic tasks. Of the default app they can
 * be injected by their class, without this decorator.
 *
 * @param app name of the task app; default: `default`
 */
export const InjectSchedules = (app?: string): ParameterDecorator & PropertyDecorator =>
  Inject(getSchedulesToken(app));
