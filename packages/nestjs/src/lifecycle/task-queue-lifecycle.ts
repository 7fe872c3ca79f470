import { Deadline } from '@lovage/core';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { callersOfRequest } from '../callers/callers-of-request.js';
import { provideLateTokens } from '../callers/late-tokens.js';
import { TaskEventListeners } from '../events/task-event-listeners.js';
import { logEvents } from '../logging/event-log.js';
import { installTaskPrefix } from '../logging/task-prefix.js';
import { TaskAppDirectory } from '../module/task-app-directory.js';
import type { TaskAppHost } from '../module/task-app-host.js';
import { PeriodicRegistrar } from '../periodic/periodic-registrar.js';
import { findSchedulerRegistry, PeriodicJob } from '../periodic/scheduler-registry.js';
import { TaskRegistrar } from '../task/task-registrar.js';
import { comeNearestToRoot } from './hook-order.js';

/** What was sent last may take this long to leave, and connections to close. */
const closingMs = 5000;

/**
 * Turns of the event loop for the last answers of long polls and event streams to leave. Then their connections are idle
 * when the HTTP server is closed; it would wait for busy ones until the client gives them up.
 */
const farewellTurns = 5;

const nextTurn = async (): Promise<void> =>
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });

/** Ends something; called once. */
type End = () => void;

/**
 * Begins and ends the task apps of an application.
 *
 * - `onModuleInit`, the last of all: tasks that only factories know are registered, and all are checked.
 * - `onApplicationBootstrap`, the last of all: workers begin. What other providers have sent before is in the queues.
 * - `onModuleDestroy`, the first of all: beats hand over, workers take no more messages and run what they have to its end, until the drain
 *   timeout. Every provider is still alive. Sending goes on working.
 * - `beforeApplicationShutdown`, the first of all and before the HTTP server waits for its requests: whoever waits for a
 *   result is told, and the stores are closed.
 */
@Injectable()
export class TaskQueueLifecycle
  implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown
{
  private readonly logger = new Logger('TaskQueue');
  private readonly ends: End[] = [];
  private closing = false;

  constructor(
    private readonly directory: TaskAppDirectory,
    private readonly registrar: TaskRegistrar,
    private readonly periodic: PeriodicRegistrar,
    private readonly modules: ModulesContainer,
    private readonly listeners: TaskEventListeners,
  ) {
    comeNearestToRoot(modules, TaskQueueLifecycle);
  }

  async onModuleInit(): Promise<void> {
    this.ends.push(
      provideLateTokens(this.modules, TaskQueueLifecycle, (request) =>
        callersOfRequest(request, this.directory),
      ),
    );
    await this.registrar.register(true);
    this.ends.push(this.listeners.install());
    await this.periodic.declare();
    this.registerJobs();
  }

  async onApplicationBootstrap(): Promise<void> {
    if (this.closing) return;
    const hosts = this.directory.all();
    try {
      for (const { app, logging, name } of hosts) this.ends.push(logEvents(app.events, logging.events, name));
      if (hosts.some(({ logging }) => logging.prefix)) this.ends.push(installTaskPrefix());
      await Promise.all(hosts.map(async ({ app }) => await app.start()));
    } catch (error) {
      // The application may be closed while it starts; then there is nothing to begin and nothing wrong.
      if (this.closing) return;
      await this.close();
      throw error;
    }
  }

  async onModuleDestroy(): Promise<void> {
    this.closing = true;
    // No more ticks, then no more messages.
    await this.forEachHost('stop its beat', async ({ app }) => await app.beat?.stop(app.stopDeadline()));
    await this.forEachHost('drain its worker', async ({ app }) => await app.worker?.stop(app.stopDeadline()));
    for (const { closing } of this.directory.all()) closing.abort();
    for (let turn = 0; turn < farewellTurns; turn += 1) await nextTurn();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.close();
  }

  /** Periodic tasks are jobs of @nestjs/schedule, too, where its module is imported. */
  private registerJobs(): void {
    const registry = findSchedulerRegistry(this.modules);
    if (registry === undefined) return;
    for (const declared of this.periodic.declared) {
      if (registry.doesExist('cron', declared.name)) continue;
      const { app } = this.directory.get(declared.app, '@Periodic()');
      const job = new PeriodicJob({
        declared,
        schedules: app.schedules,
        surroundings: app.settings.schedules,
        clock: app.clock,
        closing: () => this.closing,
        onError: (error) => this.logger.error(`the job "${declared.name}" failed`, stackOf(error)),
      });
      registry.addCronJob(declared.name, job);
    }
  }

  private async close(): Promise<void> {
    this.closing = true;
    await this.forEachHost('close', async ({ app }) => {
      const deadline = Deadline.in(app.clock, closingMs);
      await app.stop(deadline);
      // An app that was never started stops without closing what its client has opened.
      await app.client.stop(deadline);
      await app.stores.close(deadline);
    });
    for (const end of this.ends.splice(0).toReversed()) end();
  }

  /** One that fails must not keep the others, or the rest of the application, from ending. */
  private async forEachHost(what: string, action: (host: TaskAppHost) => Promise<void>): Promise<void> {
    await Promise.all(
      this.directory.all().map(async (host) => {
        try {
          await action(host);
        } catch (error) {
          this.logger.error(`the task app "${host.name}" could not ${what}`, stackOf(error));
        }
      }),
    );
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
