import { TASK_DEFINITION_INVALID, type TaskDefinition } from '@lovage/core';
import { Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import { injectedTasks, type TasksRequest } from '../callers/injected-tasks.js';
import { BootProblems } from '../errors/boot-problems.js';
import { HANDLER_MISSING, NO_TASKS } from '../errors/nest-errors.js';
import { taskRun } from '../execution/task-runner.js';
import { HookProviders } from '../hooks/hook-providers.js';
import { TaskAppDirectory } from '../module/task-app-directory.js';
import { knownTask } from './known-task.js';
import { type FoundTask, TaskFinder } from './task-finder.js';
import type { TaskClass, TaskMethod } from './task-method.js';
import { taskMethodsOf } from './task-method.js';

/** Hands the tasks of an application to the registries of its apps, and tells everything that is wrong with them. */
@Injectable()
export class TaskRegistrar {
  /** What was registered, by provider and method. */
  private readonly registered = new Map<InstanceWrapper, Map<string, TaskDefinition>>();

  constructor(
    private readonly finder: TaskFinder,
    private readonly directory: TaskAppDirectory,
    private readonly modules: ModulesContainer,
    private readonly hooks: HookProviders,
  ) {}

  /**
   * Registers what can be found now and has not been registered. Called before providers are made, so that wrong tasks
   * stop the start early, and once more afterwards, for those that only factories know.
   *
   * @param made whether all providers have been made
   * @throws the problem, or LOVAGE_TASKS_INVALID with all of them
   */
  async register(made: boolean): Promise<void> {
    const problems = new BootProblems();
    for (const found of this.finder.findTasks(made)) {
      await this.registerOne(found).catch((error: unknown) => problems.add(error));
    }
    for (const { task, source } of this.finder.findMisplaced()) {
      problems.add(misplaced(task, source));
    }
    for (const { request, consumer } of this.injections()) {
      await this.checkInjection(request, consumer).catch((error: unknown) => problems.add(error));
    }
    if (made) {
      await Promise.resolve()
        .then(() => this.hooks.installGlobal())
        .catch((error: unknown) => problems.add(error));
    }
    problems.throwIfAny();
  }

  /** The definition of a method of a provider of this application. */
  definitionOf(taskClass: TaskClass, methodName: string): TaskDefinition | undefined {
    for (const [, definitions] of [...this.registered].filter(([host]) => isOf(host, taskClass))) {
      const definition = definitions.get(methodName);
      if (definition !== undefined) return definition;
    }
    return undefined;
  }

  private async registerOne({ task, host, source }: FoundTask): Promise<void> {
    if (this.registered.get(host)?.has(task.methodName) === true) return;
    const { app } = this.directory.get(task.app, `@Task() on ${source}`);
    const definition = {
      ...(await knownTask(task, source)),
      run: taskRun(task, host, this.modules),
      hooks: this.hooks.hooksOf(task),
    };
    app.registry.add(definition);
    const ofHost = this.registered.get(host);
    if (ofHost === undefined) this.registered.set(host, new Map([[task.methodName, definition]]));
    else ofHost.set(task.methodName, definition);
  }

  /** Who injects which tasks, in this application. */
  private injections(): readonly { readonly request: TasksRequest; readonly consumer: string }[] {
    const consumers = this.finder.consumers();
    return injectedTasks.all().flatMap((request) => {
      const consumer = consumers.find(
        ({ class: ofConsumer, inject }) => inject.includes(request.token) || asks(ofConsumer, request),
      );
      return consumer === undefined ? [] : [{ request, consumer: consumer.name }];
    });
  }

  private async checkInjection({ taskClass, app }: TasksRequest, consumer: string): Promise<void> {
    const tasks = taskMethodsOf(taskClass);
    if (tasks.length === 0) throw NO_TASKS.create({ taskClass: taskClass.name, consumer });
    const missing: string[] = [];
    for (const task of tasks) {
      const host = this.directory.get(app ?? task.app, `@InjectTasks(${taskClass.name}) in ${consumer}`);
      if (host.app.registry.find(task.name) !== undefined) continue;
      if (host.selfContained) missing.push(task.name);
      else host.app.registry.announce(await knownTask(task));
    }
    if (missing.length > 0)
      throw HANDLER_MISSING.create({ taskClass: taskClass.name, consumer, tasks: missing });
  }
}

function misplaced(task: TaskMethod, source: string): Error {
  return TASK_DEFINITION_INVALID.create({
    taskName: task.name,
    problem: `${source} is a method of a controller, whose guards Nest would not apply to tasks; move it to a provider that the controller injects`,
  });
}

/** Whether a class, or one that it extends, asks for the tasks. */
function asks(consumer: object | undefined, { consumers }: TasksRequest): boolean {
  for (let one: object | null = consumer ?? null; one !== null; one = Reflect.getPrototypeOf(one)) {
    if (consumers.has(one)) return true;
  }
  return false;
}

function isOf(host: InstanceWrapper, taskClass: TaskClass): boolean {
  if (host.token === taskClass || host.metatype === taskClass) return true;
  const instance: unknown = host.instance;
  return typeof instance === 'object' && instance !== null && instance.constructor === taskClass;
}
