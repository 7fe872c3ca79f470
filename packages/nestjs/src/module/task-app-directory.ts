import type { TaskClient } from '@lovage/core';
import { Injectable } from '@nestjs/common';
import { APP_DUPLICATE, APP_UNKNOWN } from '../errors/nest-errors.js';
import type { TaskAppHost } from './task-app-host.js';

/** The task apps of one Nest application, by their names. */
@Injectable()
export class TaskAppDirectory {
  private readonly hosts = new Map<string, TaskAppHost>();
  private readonly waiting: (() => void)[] = [];

  /** @throws LOVAGE_APP_DUPLICATE when the name is taken */
  add(host: TaskAppHost): void {
    if (this.hosts.has(host.name)) throw APP_DUPLICATE.create({ app: host.name });
    this.hosts.set(host.name, host);
    for (const wake of this.waiting.splice(0)) wake();
  }

  /** Resolves when `count` apps are there. */
  async complete(count: number): Promise<void> {
    while (this.hosts.size < count) {
      await new Promise<void>((resolve) => {
        this.waiting.push(resolve);
      });
    }
  }

  all(): readonly TaskAppHost[] {
    return [...this.hosts.values()];
  }

  find(name: string): TaskAppHost | undefined {
    return this.hosts.get(name);
  }

  /**
   * @param source who asks, for the error
   * @throws LOVAGE_APP_UNKNOWN
   */
  get(name: string, source: string): TaskAppHost {
    const host = this.hosts.get(name);
    if (host === undefined) throw APP_UNKNOWN.create({ app: name, source, known: [...this.hosts.keys()] });
    return host;
  }

  /** The host of a client that was injected. */
  hostOf(client: TaskClient): TaskAppHost | undefined {
    return this.all().find(({ app }) => app.client === client);
  }
}
