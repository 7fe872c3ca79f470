import type { InjectionToken } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';

/**
 * Makes a module the nearest of all to the root of the application.
 *
 * Nest calls the hooks of modules in the order of their distance from the root module: `onModuleInit` and
 * `onApplicationBootstrap` from the farthest to the nearest, `onModuleDestroy` and `beforeApplicationShutdown` from the
 * nearest to the farthest, one module after the other. The nearest is thus the last to begin and the first to end, however
 * the others import each other. The root module has the distance 1 and global modules the largest of all, so a module that
 * is to come before them must say so itself. The order is fixed when the first hook is called.
 *
 * @param marker token of a provider that only this module has
 */
export function comeNearestToRoot(modules: ModulesContainer, marker: InjectionToken): void {
  for (const module of modules.values()) {
    if (module.providers.has(marker)) module.distance = -Number.MAX_VALUE;
  }
}
