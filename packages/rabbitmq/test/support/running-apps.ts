import { type AppOptions, type LovageEvent, TaskApp } from '@lovage/core';
import type { TestTask } from './python-and-lovage.js';

/** Apps of one test. */
export class RunningApps {
  /** What they had to say. */
  readonly events: LovageEvent[] = [];
  private readonly apps: TaskApp[] = [];

  /** A started app, without a worker unless the options say so. */
  async start(options: AppOptions, tasks: Readonly<Record<string, TestTask>> = {}): Promise<TaskApp> {
    const app = await TaskApp.create({ worker: false, ...options });
    this.apps.push(app);
    app.events.listen((event) => this.events.push(event));
    for (const [name, run] of Object.entries(tasks))
      app.registry.add({ name, source: 'test', run, options: {} });
    await app.start();
    return app;
  }

  /** What their stores have warned of. */
  get warnings(): readonly string[] {
    return this.events.flatMap((event) => (event.type === 'store-warning' ? [event.error.message] : []));
  }

  /** Closes them, the newest first. */
  async close(): Promise<void> {
    for (const app of this.apps.splice(0).toReversed()) await app.close();
    this.events.length = 0;
  }
}
