import type { LovageEvent } from '@lovage/core';
import { Injectable, Logger } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import { TaskAppDirectory } from '../module/task-app-directory.js';
import { taskEventListenerOf, type TaskEventListenerOptions } from './on-task-event.js';

type Listener = (event: LovageEvent) => unknown;

/** Calls the methods with `@OnTaskEvent()`. */
@Injectable()
export class TaskEventListeners {
  private readonly logger = new Logger('TaskQueue');
  private readonly scanner = new MetadataScanner();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly directory: TaskAppDirectory,
  ) {}

  /**
   * Begins to listen; when all providers have been made. Providers that are made for each request or run hear nothing.
   *
   * @returns ends it
   * @throws LOVAGE_APP_UNKNOWN
   */
  install(): () => void {
    const ends = [...this.discovery.getProviders(), ...this.discovery.getControllers()]
      .filter((host) => !host.isAlias && isMade(host))
      .flatMap((host) => this.listen(host.instance as Record<string, unknown>, String(host.name)));
    return () => {
      for (const end of ends) end();
    };
  }

  private listen(instance: Record<string, unknown>, name: string): (() => void)[] {
    const prototype = Reflect.getPrototypeOf(instance);
    if (prototype === null) return [];
    return this.scanner.getAllMethodNames(prototype).flatMap((method) => {
      const options = optionsOf(prototype, method);
      if (options === undefined) return [];
      const { app } = this.directory.get(options.app, `@OnTaskEvent() on ${name}.${method}`);
      const { types } = options;
      return [
        app.events.listen((event) => {
          if (types.length > 0 && !types.includes(event.type)) return;
          this.call(instance, method, `${name}.${method}`, event);
        }),
      ];
    });
  }

  private call(instance: Record<string, unknown>, method: string, source: string, event: LovageEvent): void {
    const refuse = (error: unknown): void =>
      this.logger.error(
        `${source} has thrown when it was told "${event.type}"`,
        error instanceof Error ? error.stack : String(error),
      );
    try {
      // reason: only methods have this metadata; looked up at each call, since a test may have replaced it.
      const value = (instance[method] as Listener).call(instance, event);
      if (value instanceof Promise) value.catch(refuse);
    } catch (error) {
      refuse(error);
    }
  }
}

const isMade = (host: InstanceWrapper): boolean =>
  typeof host.instance === 'object' &&
  host.instance !== null &&
  typeof host.metatype === 'function' &&
  host.isDependencyTreeStatic() &&
  !host.isTransient;

function optionsOf(prototype: object, method: string): TaskEventListenerOptions | undefined {
  for (let owner: object | null = prototype; owner !== null; owner = Reflect.getPrototypeOf(owner)) {
    if (Object.hasOwn(owner, method)) return taskEventListenerOf(owner, method);
  }
  return undefined;
}
