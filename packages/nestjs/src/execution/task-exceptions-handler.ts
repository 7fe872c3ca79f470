import { isIgnore, isReject, isRetry } from '@lovage/core';
import type { ArgumentsHost } from '@nestjs/common';
import { ExternalExceptionsHandler } from '@nestjs/core/exceptions/external-exceptions-handler.js';
import { isObservable, lastValueFrom } from 'rxjs';

/**
 * Gives what a task throws to the filters that are bound to its class or method.
 *
 * `Retry`, `Ignore` and `Reject` are outcomes and no exceptions: they pass by all filters, else a filter that catches
 * everything would turn a retry into a success. What a filter returns becomes the value of the task, of an observable (as
 * filters of microservices return) its last value; from one that returns nothing the exception stands and fails the task.
 */
export class TaskExceptionsHandler extends ExternalExceptionsHandler {
  // reason: Nest declares the result of a filter as any.
  override async next(exception: Error, host: ArgumentsHost): Promise<unknown> {
    if (isRetry(exception) || isIgnore(exception) || isReject(exception)) throw exception;
    const answer: unknown = await this.invokeCustomFilters(exception, host);
    if (answer === undefined) throw exception;
    return isObservable(answer) ? await lastValueFrom(answer) : answer;
  }
}
