import type { BeatSchedule } from '../beat/celery-entries.js';
import type { ScheduleTypes } from '../schedule/custom-schedule.js';
import type { Duration } from '../clock/duration.js';
import type { CompressionName, SerializerName } from '../message/codec-names.js';
import type { MessageLimits } from '../message/message-limits.js';
import type { Binding, Exchange } from '../ports/topology.js';
import type { AppQueue } from '../routing/app-queue.js';
import type { Routes } from '../routing/routes.js';
import type { GivenEntry } from '../worker/pools/child-entry.js';
import type { PoolKind } from '../worker/pools/pool-settings.js';
import type { TaskOptions } from '../task/task-options.js';

/** A binding in the options of an app: a fanout exchange needs no routing key. */
export type AppBinding = Omit<Binding, 'routingKey'> & Partial<Pick<Binding, 'routingKey'>>;

/** How a worker runs. */
export interface WorkerOptions {
  /**
   * How tasks are executed (Celery: `-P`). `async`: on the event loop of this process. `solo`: one at a time there, for debugging.
   * `threads`: in worker threads; `processes`: in child processes (Celery: prefork); both need `entry`. Default `async`.
   */
  readonly pool?: PoolKind | undefined;
  /**
   * Tasks in flight on the event loop; 1 to 65,535, default 100. With children, as in Celery: how many; 1 to 1,000, default: one for
   * each core.
   */
  readonly concurrency?: number | undefined;
  /** Tasks in flight in one child, for tasks that wait more than they compute. 1 to 10,000; default 1, as in Celery. */
  readonly concurrencyPerChild?: number | undefined;
  /** Between so many children, in place of `concurrency`: more while tasks wait, fewer after half a minute without work. */
  readonly autoscale?: { readonly min: number; readonly max: number } | undefined;
  /**
   * The module that makes the application in a child: its URL or path (`import.meta.url`, `__filename`), or with the name of the
   * export, default `default`. What the export must be is said at `ChildEntry`.
   */
  readonly entry?: GivenEntry | undefined;
  /** A child that was given so many tasks is replaced (Celery: `--max-tasks-per-child`). Default: never. */
  readonly maxTasksPerChild?: number | undefined;
  /**
   * A child that uses more memory after a task is replaced (Celery: `--max-memory-per-child`): kilobytes, or text such as `200MB`.
   * Of a thread its own heap counts, and one that grows beyond twice as much (at least 128 MB) ends at once. Default: never.
   */
  readonly maxMemoryPerChild?: number | `${number}${'KB' | 'MB' | 'GB'}` | undefined;
  /** A child must have made the application in this time. Default 60 seconds. */
  readonly bootTimeout?: Duration | undefined;
  /** Deliveries held unsettled: what runs and what waits for a slot. 1 to 65,535; default 2 × the tasks in flight. */
  readonly prefetch?: number | undefined;
  /**
   * Queues to consume (Celery: `-Q`), as they are named in the option `queues`, `%h` included. Default: the declared ones, or the default
   * queue where none are declared.
   */
  readonly queues?: readonly string[] | undefined;
  /**
   * `fair`: every queue has its turn, whatever the others hold. `priority`: in the order of `queues`, a queue only when those before it
   * are empty. Default `fair`.
   */
  readonly queueOrder?: 'fair' | 'priority' | undefined;
  /** Name in logs, results and monitors; `%h` is the host name, `%n` its first word, `%d` the rest. Default `lovage@%h`. */
  readonly hostname?: string | undefined;
  /** How long running tasks may go on when the worker stops. Default 10 seconds. */
  readonly drainTimeout?: Duration | undefined;
  /** A message that was delivered more often than this without being settled is parked. 1 to 1,000; default 5. */
  readonly maxDeliveries?: number | undefined;
  /** Longest run of a task that says none itself. Default: none. */
  readonly timeLimit?: Duration | undefined;
  /** Soft limit of a task that says none itself. Default: none. */
  readonly softTimeLimit?: Duration | undefined;
}

/** How a beat runs. */
export interface BeatOptions {
  /** Beats of one name share their schedules, and one of them leads. Default `beat`. */
  readonly name?: string | undefined;
  /** How long the others wait for a leader that does not answer. 1 second to 1 hour; default 6 seconds. */
  readonly lease?: Duration | undefined;
}

/** Options of an app: everything that producers and workers of one project agree on. All have defaults. */
export interface AppOptions {
  /** URL of the broker. Default `memory://`: the embedded store. */
  readonly broker?: string | undefined;
  /** URL of the result store, or `false`: no results are kept. Default: the broker's URL. */
  readonly results?: string | false | undefined;
  /** Queue for tasks without another destination. Default `celery`. */
  readonly defaultQueue?: string | undefined;
  /** Declared at start, together with `defaultQueue`. `%h`, `%n` and `%d` in a name stand for the host. */
  readonly queues?: readonly (string | AppQueue)[] | undefined;
  /** Declared at start. */
  readonly exchanges?: readonly Exchange[] | undefined;
  /** Declared at start, those of queues of one host by the workers that consume them. */
  readonly bindings?: readonly AppBinding[] | undefined;
  /** Declare a queue that a call names although it is not in `queues`. Default true, as in Celery. */
  readonly createMissingQueues?: boolean | undefined;
  /** Destinations by task name or pattern; see `Routes`. */
  readonly routes?: Routes | undefined;
  /** Default `json`. */
  readonly serializer?: SerializerName | undefined;
  /** Default: none. */
  readonly compression?: CompressionName | undefined;
  /** Serializers that are read: names or content types. Default `['json']`. Python pickle is never read. */
  readonly acceptContent?: readonly string[] | undefined;
  readonly limits?: Partial<MessageLimits> | undefined;
  /** How long results are kept; 0: for ever. Default `1d`, as in Celery. */
  readonly resultExpires?: Duration | undefined;
  /** Keep that an id was sent, so that an unknown id is told apart from a pending one. Default true. */
  readonly trackSent?: boolean | undefined;

  /** Longest time for one publish, its retries included. Default 10 seconds. */
  readonly publishTimeout?: Duration | undefined;
  /** Longest time for any other call to a store. Default 10 seconds. */
  readonly storeTimeout?: Duration | undefined;
  /** How long a revocation holds. Default 7 days. */
  readonly revokeExpires?: Duration | undefined;
  /**
   * Workers obey Celery's control commands (`celery control`, `celery inspect`), and revocations reach workers of Python. Default: true
   * on brokers that other programs can reach, false on the embedded store.
   */
  readonly remoteControl?: boolean | undefined;
  /** Options of all tasks of this app, where a task does not say otherwise. */
  readonly taskDefaults?: TaskOptions | undefined;
  /** Run a worker in this process: `true` or its options. Default: true on the embedded store, false elsewhere. */
  readonly worker?: boolean | WorkerOptions | undefined;

  /** Zone of schedules that name none: an IANA name. Default `UTC`, as in Celery. */
  readonly timezone?: string | undefined;
  /** Run a beat in this process: `true` or its options. Default: true beside a worker on the embedded store, false elsewhere. */
  readonly beat?: boolean | BeatOptions | undefined;
  /** Periodic tasks by name, as Celery's `beat_schedule`. */
  readonly beatSchedule?: BeatSchedule | undefined;
  /** Kinds of schedules of your own, for `customSchedule`. */
  readonly scheduleTypes?: ScheduleTypes | undefined;
}

const known: Record<keyof AppOptions, true> = {
  broker: true,
  results: true,
  defaultQueue: true,
  queues: true,
  exchanges: true,
  bindings: true,
  createMissingQueues: true,
  routes: true,
  serializer: true,
  compression: true,
  acceptContent: true,
  limits: true,
  resultExpires: true,
  trackSent: true,
  publishTimeout: true,
  storeTimeout: true,
  revokeExpires: true,
  remoteControl: true,
  taskDefaults: true,
  worker: true,
  timezone: true,
  beat: true,
  beatSchedule: true,
  scheduleTypes: true,
};

/** Names of all options of an app, for those who put options of their own beside them. */
export const appOptionNames: readonly string[] = Object.keys(known);
