import type { TaskContext, TaskDefinition } from '@lovage/core';
import { ContextIdFactory, type ContextId, type ModulesContainer, ModuleRef } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import { REQUEST_CONTEXT_ID } from '@nestjs/core/router/request/request-constants.js';
import { isObservable, lastValueFrom } from 'rxjs';
import type { TaskMethod } from '../task/task-method.js';
import { type EnhancedCall, TaskContextCreator } from './task-context-creator.js';

/** Runs a task; as in a `TaskDefinition`. */
export type TaskRun = TaskDefinition['run'];

/**
 * Makes `run` of a task whose method belongs to a provider. A static provider is called directly when nothing is bound to
 * the method; of another scope an instance is made for each run, with the `TaskContext` as its REQUEST.
 */
export function taskRun(task: TaskMethod, host: InstanceWrapper, modules: ModulesContainer): TaskRun {
  let run: TaskRun | undefined;
  return (args, context) => {
    // At the first run: the scope of a provider is known only when everything that it injects is there.
    run ??= chosenRun(task, host, modules);
    return run(args, context);
  };
}

function chosenRun(task: TaskMethod, host: InstanceWrapper, modules: ModulesContainer): TaskRun {
  const creator = new TaskContextCreator(modules, task);
  if (!host.isDependencyTreeStatic() || host.isTransient) return scopedRun(creator, host);
  return creator.enhancers.any ? enhancedRun(creator, host) : directRun(task, host);
}

function directRun({ methodName, options }: TaskMethod, host: InstanceWrapper): TaskRun {
  const bound = options.bind === true;
  return (args, context) => {
    // reason: looked up at each run, since a test may have replaced the method or the instance.
    const instance = host.instance as Record<string, (...args: unknown[]) => unknown>;
    const value = bound ? instance[methodName]?.(context, ...args) : instance[methodName]?.(...args);
    return value instanceof Promise ? value.then(settled) : settled(value);
  };
}

/** Nest's own rule for what a handler returns: the last value of an observable. */
function settled(value: unknown): unknown {
  return isObservable(value) ? lastValueFrom(value) : value;
}

function enhancedRun(creator: TaskContextCreator, host: InstanceWrapper): TaskRun {
  let call: EnhancedCall | undefined;
  return async (args, context) => {
    call ??= creator.createCall(host.instance as object, host.id);
    return await call(args, context);
  };
}

function scopedRun(creator: TaskContextCreator, host: InstanceWrapper): TaskRun {
  return async (args, context) => {
    // reason: every module of Nest provides its ModuleRef.
    const moduleRef = host.host?.getProviderByKey<ModuleRef>(ModuleRef).instance as ModuleRef;
    const contextId = contextIdOf(context, moduleRef, host);
    const instance = await moduleRef.resolve<object>(host.token as string, contextId, { strict: true });
    return await creator.createCall(instance, host.id, contextId)(args, context);
  };
}

/** The context id of a run: the same for everything that asks with the run's `TaskContext`. */
function contextIdOf(context: TaskContext, moduleRef: ModuleRef, host: InstanceWrapper): ContextId {
  const contextId = ContextIdFactory.getByRequest(context);
  if (REQUEST_CONTEXT_ID in context) return contextId;
  Object.defineProperty(context, REQUEST_CONTEXT_ID, { value: contextId });
  // A durable provider outlives the run, so it is given what the strategy says of the tree and not the task.
  moduleRef.registerRequestByContextId(
    host.isDependencyTreeDurable() ? contextId.payload : context,
    contextId,
  );
  return contextId;
}
