import type { InjectionToken } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import { injectedTasks, type TasksRequest } from './injected-tasks.js';

/**
 * Provides the tokens of classes that are loaded after the application's modules have been scanned, as those of lazily
 * loaded modules are. They are added to the module that has the others; it is global, so lazy modules find them there.
 *
 * @param marker token of a provider that only that module has
 * @param tasksOf makes what is injected
 * @returns the function that ends it
 */
export function provideLateTokens(
  modules: ModulesContainer,
  marker: InjectionToken,
  tasksOf: (request: TasksRequest) => object,
): () => void {
  const provide = (request: TasksRequest): void => {
    for (const module of modules.values()) {
      if (!module.providers.has(marker) || module.providers.has(request.token)) continue;
      module.addProvider({ provide: request.token, useValue: tasksOf(request) });
      module.addExportedProviderOrModule(request.token);
    }
  };
  for (const request of injectedTasks.all()) provide(request);
  return injectedTasks.listen(provide);
}
