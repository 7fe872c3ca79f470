import { Inject } from '@nestjs/common';
import { getTaskAppToken, getTaskClientToken } from '../module/tokens.js';

/**
 * Injects the `TaskClient` of a task app. Of the default app it can be injected by its class, without this decorator.
 *
 * @param app name of the task app; default: `default`
 */
export const InjectTaskClient = (app?: string): ParameterDecorator & PropertyDecorator =>
  Inject(getTaskClientToken(app));

/**
 * Injects the `TaskApp` itself: its registry, events, worker.
 *
 * @param app name of the task app; default: `default`
 */
export const InjectTaskApp = (app?: string): ParameterDecorator & PropertyDecorator =>
  Inject(getTaskAppToken(app));
