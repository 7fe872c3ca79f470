import type { TaskHooks } from '@lovage/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';

/** The hooks of a provider. Its instance is looked up at each call: it may not be made yet, and a test may replace it. */
export function providedHooks(host: InstanceWrapper): TaskHooks {
  const hooks = (): TaskHooks => (host.instance as TaskHooks | null) ?? {};
  return {
    beforeStart: (task) => hooks().beforeStart?.(task),
    onSuccess: (value, task) => hooks().onSuccess?.(value, task),
    onFailure: (error, task) => hooks().onFailure?.(error, task),
    onRetry: (error, task) => hooks().onRetry?.(error, task),
    afterReturn: (end, task) => hooks().afterReturn?.(end, task),
  };
}
