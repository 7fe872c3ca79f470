import {
  Deadline,
  type Duration,
  durationMs,
  SystemClock,
  type TaskApp,
  type TaskClient,
  type VirtualClock,
} from '@lovage/core';
import type { InjectionToken } from '@nestjs/common';
import { NOT_IDLE } from '../errors/nest-errors.js';
import { defaultAppName } from '../task/task-method.js';

/**
 * Token of the `TaskQueueTesting` of a task app. The default app's is the class itself.
 *
 * @param app name of the task app
 */
export function getTaskQueueTestingToken(app: string = defaultAppName): InjectionToken<TaskQueueTesting> {
  return app === defaultAppName ? TaskQueueTesting : `lovage:testing:${app}`;
}

/** How long `drain` waits for tasks that do not end, by the machine's clock. */
const patience: Duration = '5s';

/** Controls a task app under test; injected where `TaskQueueTestingModule` is imported. */
export class TaskQueueTesting {
  constructor(
    readonly app: TaskApp,
    /** Moves only when the test moves it. */
    readonly clock: VirtualClock,
  ) {}

  get client(): TaskClient {
    return this.app.client;
  }

  /** Moves the clock: what becomes due meanwhile (countdowns, retries, expiry) happens in its order. */
  async advance(by: Duration): Promise<void> {
    await this.clock.advance(durationMs(by, 'by'));
  }

  /**
   * Waits until nothing runs and nothing is ready to run. Messages that wait for their time do not count: `advance` first.
   * `timeout` is by the machine's clock; default `5s`.
   *
   * @throws LOVAGE_NOT_IDLE when tasks still run then
   */
  async drain({ timeout = patience }: { readonly timeout?: Duration } = {}): Promise<void> {
    const deadline = Deadline.in(new SystemClock(), durationMs(timeout, 'timeout'));
    // Tasks may send tasks: it is idle when it was so before and after everything that can happen has happened.
    for (let idle = 0; idle < 2; ) {
      await this.clock.settle();
      const busy = await this.busy();
      idle = busy.length === 0 ? idle + 1 : 0;
      if (deadline.passed) throw NOT_IDLE.create({ queues: busy, timeout: String(timeout) });
    }
  }

  /** Queues of the worker with something to do. */
  private async busy(): Promise<readonly string[]> {
    const { stores, settings } = this.app;
    if (!stores.opened || stores.inspector === undefined) return [];
    const queues = await stores.inspector.queues({ deadline: stores.deadline() });
    const consumed = new Set(settings.worker?.queues);
    return queues
      .filter(({ name, ready, unsettled }) => consumed.has(name) && ready + unsettled > 0)
      .map(({ name }) => name);
  }
}
