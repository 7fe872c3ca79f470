import { EXCEPTION_FILTERS_METADATA } from '@nestjs/common/constants.js';
import type { ExceptionFilterMetadata } from '@nestjs/common/interfaces/exceptions/exception-filter-metadata.interface.js';
import type { ContextId } from '@nestjs/core';
import { ExternalExceptionFilterContext } from '@nestjs/core/exceptions/external-exception-filter-context.js';
import { STATIC_CONTEXT } from '@nestjs/core/injector/constants.js';
import { TaskExceptionsHandler } from './task-exceptions-handler.js';

/** Makes the handler of what a task throws. */
export class TaskExceptionFilterContext extends ExternalExceptionFilterContext {
  override create(
    instance: object,
    callback: (...args: never[]) => unknown,
    module: string,
    contextId: ContextId = STATIC_CONTEXT,
    inquirerId?: string,
  ): TaskExceptionsHandler {
    this.moduleContext = module;
    const handler = new TaskExceptionsHandler();
    // reason: Nest declares the method with arguments of any type; it is only looked at.
    const method = callback as (...args: unknown[]) => unknown;
    const filters = this.createContext<ExceptionFilterMetadata[], ExceptionFilterMetadata[]>(
      instance,
      method,
      EXCEPTION_FILTERS_METADATA,
      contextId,
      inquirerId,
    );
    // Filters of the method come before those of the class, and the last one bound before the first.
    handler.setCustomFilters(filters.toReversed());
    return handler;
  }
}
