import type { Duration, WorkerOptions } from '@lovage/core';
import type { LogLevel } from '../log/log-level.js';
import {
  appFlag,
  brokerFlag,
  type HealthFlags,
  healthFlags,
  logLevelFlag,
  quietFlag,
} from './common-flags.js';
import type { Flag } from './flag.js';
import { autoscale, duration, integer, memory, names, oneOf, someText } from './read-value.js';

/** What `lovage worker` was told; all that is not told is for the app to say. */
export interface WorkerFlags extends HealthFlags {
  readonly app?: string;
  readonly broker?: string;
  readonly resultBackend?: string;
  readonly queues?: readonly string[];
  readonly excludeQueues?: readonly string[];
  readonly queueOrder?: NonNullable<WorkerOptions['queueOrder']>;
  readonly concurrency?: number;
  readonly pool?: NonNullable<WorkerOptions['pool']>;
  readonly hostname?: string;
  readonly loglevel?: LogLevel;
  readonly prefetch?: number;
  readonly autoscale?: { readonly min: number; readonly max: number };
  readonly concurrencyPerChild?: number;
  readonly maxTasksPerChild?: number;
  readonly maxMemoryPerChild?: NonNullable<WorkerOptions['maxMemoryPerChild']>;
  readonly timeLimit?: Duration;
  readonly softTimeLimit?: Duration;
  readonly drainTimeout?: Duration;
  readonly maxDeliveries?: number;
  readonly taskEvents?: boolean;
  readonly beat?: boolean;
  readonly quiet?: boolean;
}

/** Options of `lovage worker`, under Celery's names where Celery has them. */
export const workerFlags: readonly Flag[] = [
  appFlag,
  brokerFlag,
  {
    flags: '--result-backend <url>',
    env: 'LOVAGE_RESULTS',
    about: 'URL of the result store, in place of the app’s',
    read: someText,
  },
  {
    flags: '-Q, --queues <names>',
    env: 'LOVAGE_QUEUES',
    about: 'queues to consume, with commas; default: those of the app',
    read: names,
  },
  {
    flags: '-X, --exclude-queues <names>',
    env: 'LOVAGE_EXCLUDE_QUEUES',
    about: 'queues of the app not to consume',
    read: names,
  },
  {
    flags: '--queue-order <order>',
    env: 'LOVAGE_QUEUE_ORDER',
    about: 'fair, or priority: in the order of --queues',
    read: oneOf({ fair: 'fair', priority: 'priority' }),
  },
  {
    flags: '-c, --concurrency <number>',
    env: 'LOVAGE_CONCURRENCY',
    about: 'tasks in flight, or children; default 100, or one child for each core',
    read: integer(1),
  },
  {
    flags: '-P, --pool <pool>',
    env: 'LOVAGE_POOL',
    about: 'async, threads, processes (or prefork), solo; default async',
    read: oneOf({
      async: 'async',
      threads: 'threads',
      processes: 'processes',
      prefork: 'processes',
      solo: 'solo',
    }),
  },
  {
    flags: '-n, --hostname <name>',
    env: 'LOVAGE_HOSTNAME',
    about: 'name of the worker, such as w1@%h; %h host, %n its first word, %d the rest',
    read: someText,
  },
  logLevelFlag,
  {
    flags: '--prefetch <number>',
    env: 'LOVAGE_PREFETCH',
    about: 'messages in hand; default twice the tasks in flight',
    read: integer(1),
  },
  {
    flags: '--autoscale <max,min>',
    env: 'LOVAGE_AUTOSCALE',
    about: 'between so many children, in place of --concurrency',
    read: autoscale,
  },
  {
    flags: '--concurrency-per-child <number>',
    env: 'LOVAGE_CONCURRENCY_PER_CHILD',
    about: 'tasks in flight in one child; default 1',
    read: integer(1),
  },
  {
    flags: '--max-tasks-per-child <number>',
    env: 'LOVAGE_MAX_TASKS_PER_CHILD',
    about: 'replace a child after so many tasks',
    read: integer(1),
  },
  {
    flags: '--max-memory-per-child <kilobytes>',
    env: 'LOVAGE_MAX_MEMORY_PER_CHILD',
    about: 'replace a child that uses more: kilobytes, or text such as 200MB',
    read: memory,
  },
  {
    flags: '--time-limit <seconds>',
    env: 'LOVAGE_TIME_LIMIT',
    about: 'hard limit of a task that has none of its own',
    read: duration,
  },
  {
    flags: '--soft-time-limit <seconds>',
    env: 'LOVAGE_SOFT_TIME_LIMIT',
    about: 'soft limit of a task that has none of its own',
    read: duration,
  },
  {
    flags: '--drain-timeout <seconds>',
    env: 'LOVAGE_DRAIN_TIMEOUT',
    about: 'how long running tasks may go on after SIGTERM; default 10',
    read: duration,
  },
  {
    flags: '--max-deliveries <number>',
    env: 'LOVAGE_MAX_DELIVERIES',
    about: 'park a message that was delivered more often; default 5',
    read: integer(1),
  },
  {
    flags: '-E, --task-events',
    env: 'LOVAGE_TASK_EVENTS',
    about: 'as with Celery; no events are sent today, which is told',
  },
  { flags: '-B, --beat', env: 'LOVAGE_BEAT', about: 'send periodic tasks too' },
  ...healthFlags('worker', 'takes tasks'),
  quietFlag,
];
