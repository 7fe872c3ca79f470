import type { TaskContext } from '@lovage/core';
import type { ArgumentMetadata, CanActivate, PipeTransform } from '@nestjs/common';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import {
  type ContextId,
  ExternalContextCreator,
  type ModulesContainer,
  type NestContainer,
} from '@nestjs/core';
import { GuardsConsumer, GuardsContextCreator } from '@nestjs/core/guards/index.js';
import { InterceptorsConsumer, InterceptorsContextCreator } from '@nestjs/core/interceptors/index.js';
import { PipesConsumer, PipesContextCreator } from '@nestjs/core/pipes/index.js';
import { TASK_FORBIDDEN } from '../errors/nest-errors.js';
import type { TaskMethod } from '../task/task-method.js';
import { type Enhancers, enhancersOf } from './enhancers.js';
import { TaskExceptionFilterContext } from './task-exception-filter-context.js';
import { taskContextType } from './task-execution-context.js';

/** Calls a task's method through its enhancers. */
export type EnhancedCall = (args: readonly unknown[], context: TaskContext) => Promise<unknown>;

/**
 * Nest's ExternalContextCreator for one task, with the context type `task`: guards, then interceptors, then pipes, then
 * the method, and filters around all of it.
 *
 * It differs from the one that Nest provides in three ways. Enhancers of the whole application (`APP_GUARD`,
 * `useGlobalPipes` and so on) are left out: they are written for requests. Pipes see every argument, however many there
 * are, since tasks have no parameter decorators. And a guard that refuses gives a coded error.
 */
export class TaskContextCreator extends ExternalContextCreator {
  readonly enhancers: Enhancers;
  private readonly types: readonly unknown[];

  constructor(
    modules: ModulesContainer,
    private readonly task: TaskMethod,
  ) {
    // reason: the creators ask a container for its modules and for nothing else; without its ApplicationConfig they
    // know no enhancers of the whole application.
    const container = { getModules: () => modules } as unknown as NestContainer;
    super(
      new GuardsContextCreator(container),
      new GuardsConsumer(),
      new InterceptorsContextCreator(container),
      new InterceptorsConsumer(),
      modules,
      new PipesContextCreator(container),
      new PipesConsumer(),
      new TaskExceptionFilterContext(container),
    );
    this.enhancers = enhancersOf(task);
    this.types =
      (Reflect.getOwnMetadata('design:paramtypes', task.owner, task.methodName) as unknown[] | undefined) ??
      [];
  }

  /**
   * @param instance of the provider, in the given context
   * @param hostId id of the provider's wrapper: it finds the module whose enhancers count
   */
  createCall(instance: object, hostId: string, contextId?: ContextId): EnhancedCall {
    const { methodName } = this.task;
    // reason: as the instance has it; `methodName` was found on its prototype.
    const method = (instance as Record<string, unknown>)[methodName] as (...args: unknown[]) => unknown;
    const options = {
      guards: this.enhancers.guards,
      interceptors: this.enhancers.interceptors,
      filters: this.enhancers.filters,
    };
    return this.create(
      instance,
      method,
      methodName,
      undefined,
      undefined,
      contextId,
      hostId,
      options,
      taskContextType,
    );
  }

  /** Called by `create`; what it makes fills in the arguments that the method is called with. */
  override createPipesFn(pipes: PipeTransform[]): (filled: unknown[], ...params: unknown[]) => Promise<void> {
    const { options } = this.task;
    return async (filled, ...params) => {
      // reason: the two parameters of an EnhancedCall, through Nest's untyped hands.
      const [args, context] = params as [readonly unknown[], TaskContext];
      const offset = options.bind === true ? filled.push(context) : 0;
      if (pipes.length === 0) {
        filled.push(...args);
        return;
      }
      const values = args.map(async (value, index) => await this.piped(value, index, offset, pipes));
      filled.push(...(await Promise.all(values)));
    };
  }

  /** Called by `create`. */
  override createGuardsFn(
    guards: CanActivate[],
    instance: object,
    callback: (...args: unknown[]) => unknown,
  ): (args: unknown[]) => Promise<void> {
    const consumer = new GuardsConsumer();
    return async (args) => {
      if (await consumer.tryActivate<string>(guards, args, instance, callback, taskContextType)) return;
      const [, { name, id }] = args as [unknown, TaskContext];
      throw TASK_FORBIDDEN.create({ taskName: name, taskId: id });
    };
  }

  private async piped(
    value: unknown,
    index: number,
    offset: number,
    pipes: PipeTransform[],
  ): Promise<unknown> {
    // Arguments of a task are what the body is of a request, so that a ValidationPipe validates them.
    const metadata = {
      metatype: this.types[index + offset],
      type: RouteParamtypes.BODY,
      data: this.task.options.params?.[index]?.replace(/\?$/, ''),
    };
    // reason: Nest turns the number into 'body' before a pipe sees it; its declaration tells only the text.
    return (await this.getParamValue(value, metadata as unknown as ArgumentMetadata, pipes)) as unknown;
  }
}
