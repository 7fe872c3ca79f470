import type { AppOptions } from '../../src/app/app-options.js';
import { type AppParts, TaskApp } from '../../src/app/task-app.js';
import { Deadline } from '../../src/clock/deadline.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import type { LovageEvent } from '../../src/events/task-event.js';
import type { TaskContext } from '../../src/task/task-context.js';
import type { TaskDefinition } from '../../src/task/task-definition.js';

/** A handler as tests write it; the context comes last. */
export type Handlers = Readonly<
  Record<string, ((...args: never[]) => unknown) | (Partial<TaskDefinition> & { run: TaskDefinition['run'] })>
>;

export interface TestApp {
  readonly app: TaskApp;
  readonly clock: VirtualClock;
  readonly events: LovageEvent[];
  /** Resolves with the first event of this type, past or future. */
  readonly event: <T extends LovageEvent['type']>(type: T) => Promise<Extract<LovageEvent, { type: T }>>;
}

const openApps = new Set<TaskApp>();

/** Starts an app on a private memory store with a virtual clock; closed after the test. */
export async function testApp(
  handlers: Handlers = {},
  options: AppOptions = {},
  parts: AppParts = {},
): Promise<TestApp> {
  const clock = new VirtualClock();
  const app = await TaskApp.create(options, { clock, host: 'test', ...parts });
  const events: LovageEvent[] = [];
  const waiting: { type: string; resolve: (event: LovageEvent) => void }[] = [];
  app.events.listen((event) => {
    events.push(event);
    for (const waiter of waiting.filter(({ type }) => type === event.type)) waiter.resolve(event);
  });
  for (const [name, handler] of Object.entries(handlers)) {
    app.registry.add(
      typeof handler === 'function'
        ? {
            name,
            run: (args, context: TaskContext) =>
              (handler as (...all: unknown[]) => unknown)(...args, context),
            options: {},
            source: `test.${name}`,
          }
        : { name, options: {}, source: `test.${name}`, ...handler },
    );
  }
  await app.start();
  openApps.add(app);
  return {
    app,
    clock,
    events,
    event: async (type) => {
      const past = events.find((event) => event.type === type);
      if (past !== undefined) return past as never;
      return (await new Promise<LovageEvent>((resolve) => {
        waiting.push({ type, resolve });
      })) as never;
    },
  };
}

/** For `afterEach`: closes what tests have started, without waiting for tasks that never return. */
export async function closeTestApps(): Promise<void> {
  for (const app of openApps) await app.stop(Deadline.in(app.clock, 0));
  openApps.clear();
}

/** A promise and its ends. */
export function gate<T = void>(): { readonly opened: Promise<T>; open(value: T): void } {
  let open: (value: T) => void = () => undefined;
  const opened = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
