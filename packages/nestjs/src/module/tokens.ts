import { TaskApp, TaskClient } from '@lovage/core';
import type { InjectionToken } from '@nestjs/common';
import { defaultAppName } from '../task/task-method.js';

/** Token of the `TaskClient` of an app. The default app's is the class itself. */
export function getTaskClientToken(app: string = defaultAppName): InjectionToken<TaskClient> {
  return app === defaultAppName ? TaskClient : `lovage:client:${app}`;
}

/** Token of a `TaskApp`. The default one's is the class itself. */
export function getTaskAppToken(app: string = defaultAppName): InjectionToken<TaskApp> {
  return app === defaultAppName ? TaskApp : `lovage:app:${app}`;
}
