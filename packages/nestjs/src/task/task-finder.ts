import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import { type TaskClass, type TaskMethod, taskMethodsOf } from './task-method.js';

/** A task method together with the provider that it belongs to. */
export interface FoundTask {
  readonly task: TaskMethod;
  readonly host: InstanceWrapper;
  /** For errors: `MathTasks.add of MathModule`. */
  readonly source: string;
}

/** Finds task methods in the modules of an application. */
@Injectable()
export class TaskFinder {
  constructor(private readonly discovery: DiscoveryService) {}

  /**
   * Tasks of all providers whose class is known. Of what a factory gives it is known by the token, where that is a class;
   * else only when all providers have been made.
   *
   * @param made whether all providers have been made
   */
  findTasks(made: boolean): readonly FoundTask[] {
    const known = this.discovery.getProviders().filter((host) => !host.isAlias);
    const found = known.flatMap((host) => {
      const taskClass = classOf(host);
      return taskClass === undefined ? [] : foundIn(taskClass, host);
    });
    if (!made) return found;
    // One instance under several tokens is one provider.
    const instances = new Set(found.map(({ host }) => host.instance as unknown));
    const late = known.filter((host) => isFactory(host) && typeof host.token !== 'function');
    for (const host of late) {
      const instance: unknown = host.instance;
      const taskClass = classOfInstance(instance);
      if (taskClass === undefined || instances.has(instance)) continue;
      instances.add(instance);
      found.push(...foundIn(taskClass, host));
    }
    return found;
  }

  /** Task methods of controllers, where they can not be. */
  findMisplaced(): readonly FoundTask[] {
    return this.discovery.getControllers().flatMap((host) => {
      const taskClass = classOf(host);
      return taskClass === undefined ? [] : foundIn(taskClass, host);
    });
  }

  controllerClasses(): readonly object[] {
    return this.discovery.getControllers().flatMap((host) => (host.metatype as object | null) ?? []);
  }

  /** Classes of everything that can have something injected, with the tokens that factories ask for. */
  consumers(): readonly {
    readonly name: string;
    readonly class: object | undefined;
    readonly inject: readonly unknown[];
  }[] {
    return [...this.discovery.getProviders(), ...this.discovery.getControllers()].map((host) => ({
      name: String(host.name),
      class: host.isNotMetatype ? undefined : (host.metatype as object),
      inject: (host.inject ?? []).map((item) =>
        typeof item === 'object' && 'token' in item ? item.token : item,
      ),
    }));
  }
}

function foundIn(taskClass: TaskClass, host: InstanceWrapper): readonly FoundTask[] {
  return taskMethodsOf(taskClass).map((task) => ({
    task,
    host,
    source: `${task.source} of ${host.host?.name ?? 'no module'}`,
  }));
}

/** Scopes must not be asked about here: before all providers are there, Nest would remember a wrong answer. */
function classOf(host: InstanceWrapper): TaskClass | undefined {
  if (!host.isNotMetatype) return host.metatype as TaskClass | undefined;
  if (!isFactory(host)) return classOfInstance(host.instance);
  return typeof host.token === 'function' && isClass(host.token)
    ? (host.token as unknown as TaskClass)
    : undefined;
}

function isFactory(host: InstanceWrapper): boolean {
  return host.isNotMetatype && typeof host.metatype === 'function';
}

function classOfInstance(instance: unknown): TaskClass | undefined {
  if (typeof instance !== 'object' || instance === null) return undefined;
  const prototype = Reflect.getPrototypeOf(instance);
  // The prototype's own "constructor", so that no getter of a stranger's object is run.
  const owner: unknown =
    prototype === null ? undefined : Reflect.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  return typeof owner === 'function' && owner !== Object && isClass(owner) ? (owner as TaskClass) : undefined;
}

function isClass(value: object): boolean {
  const prototype: unknown = (value as { readonly prototype?: unknown }).prototype;
  return typeof prototype === 'object' && prototype !== null;
}
