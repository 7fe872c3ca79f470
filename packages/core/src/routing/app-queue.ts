import type { Queue } from '../ports/topology.js';

/** A queue in the options of an app. */
export interface AppQueue extends Queue {
  /**
   * May hold the host: `%h` its whole name, `%n` the first word of it, `%d` the rest, `%%` a percent sign. Such a queue is declared
   * by the workers that consume it, each its own.
   */
  readonly name: string;
  /**
   * Every worker that consumes it gets a copy of each message, as with Celery's `Broadcast`: the name is that of a fanout
   * exchange, and each worker binds a queue of its own to it, which ends with the worker. Default false.
   */
  readonly broadcast?: boolean | undefined;
}

/**
 * A queue of which every worker gets a copy of each message.
 *
 * ```ts
 * TaskQueueModule.forRoot({ queues: ['celery', broadcast('reload')] });
 * await tasks.send('settings.reload', { queue: 'reload', ignoreResult: true });
 * ```
 */
export const broadcast = (name: string): AppQueue => ({ name, broadcast: true });
