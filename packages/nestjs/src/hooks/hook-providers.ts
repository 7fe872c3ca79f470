import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import type { TaskHooks } from '@lovage/core';
import { HOOKS_INVALID } from '../errors/nest-errors.js';
import { TaskAppDirectory } from '../module/task-app-directory.js';
import type { TaskMethod } from '../task/task-method.js';
import { providedHooks } from './provided-hooks.js';
import { globalHooksOf, taskHooksOf, type TaskHooksClass } from './use-task-hooks.js';

/** Finds the providers whose hooks are called around the runs of tasks. */
@Injectable()
export class HookProviders {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly directory: TaskAppDirectory,
  ) {}

  /**
   * Hooks of one task; `undefined` where it has none of its own.
   *
   * @throws LOVAGE_TASK_HOOKS_INVALID for a class that is no provider
   */
  hooksOf({ taskClass, owner, methodName, source }: TaskMethod): readonly TaskHooks[] | undefined {
    const classes = taskHooksOf(taskClass, owner, methodName);
    return classes.length === 0
      ? undefined
      : classes.map((one) => providedHooks(this.providerOf(one, source)));
  }

  /**
   * Gives the hooks for all tasks to their apps; once, when all providers have been made.
   *
   * @throws LOVAGE_TASK_HOOKS_INVALID, LOVAGE_APP_UNKNOWN
   */
  installGlobal(): void {
    for (const host of this.discovery.getProviders()) {
      const type: unknown = host.metatype;
      const app = !host.isAlias && typeof type === 'function' ? globalHooksOf(type) : undefined;
      if (app === undefined) continue;
      const source = `@GlobalTaskHooks() on ${String(host.name)}`;
      this.refuseScoped(host, source);
      this.directory.get(app, source).app.registry.use(providedHooks(host));
    }
  }

  private providerOf(hooks: TaskHooksClass, source: string): InstanceWrapper {
    const host = this.discovery
      .getProviders()
      .find((provider) => !provider.isAlias && (provider.token === hooks || provider.metatype === hooks));
    if (host === undefined) {
      const problem = 'it is in no module\'s "providers"; add it to one';
      throw HOOKS_INVALID.create({ hooks: hooks.name, source, problem });
    }
    return host;
  }

  /** The scope of a provider is known only when everything that it injects is there. */
  private refuseScoped(host: InstanceWrapper, source: string): void {
    if (host.isDependencyTreeStatic() && !host.isTransient) return;
    const problem =
      'it is request scoped or transient; hooks are one instance for all runs, and get the task at each call';
    throw HOOKS_INVALID.create({ hooks: String(host.name), source, problem });
  }
}
