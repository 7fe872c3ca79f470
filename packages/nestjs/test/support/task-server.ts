import { TaskClient, TaskQueueTesting, TaskQueueTestingModule } from '../../src/index.js';
import { DemoTasks } from './demo-tasks.js';
import { type AdapterName, type HttpApp, listen } from './http.js';

export const providers = [DemoTasks];

export const withHttp = (options: Parameters<typeof TaskQueueTestingModule.forRoot>[0] = { http: true }) =>
  TaskQueueTestingModule.forRoot(options);

export const testingOf = ({ app }: HttpApp): TaskQueueTesting => app.get(TaskQueueTesting);

/** An application with the demo tasks and their endpoints at `/tasks`. */
export const startServer = async (adapter: AdapterName): Promise<HttpApp> =>
  await listen(adapter, { imports: [withHttp()], providers });

/** Sends a task and waits for its end; gives its id. */
export async function ran(http: HttpApp, name: string, args: readonly unknown[] = []): Promise<string> {
  const { id } = await testingOf(http).client.send(name, { args });
  await testingOf(http).drain();
  return id;
}

/** Sends a task that runs until `DemoTasks.finish` is called; gives its id. */
export async function running(http: HttpApp): Promise<string> {
  const { id } = await testingOf(http).client.send('long');
  await testingOf(http).clock.settle();
  return id;
}

/** Ids that requests follow in this process. */
export function watched({ app }: HttpApp): number {
  return app.get<{ readonly hub: { readonly following: number } }>(TaskClient).hub.following;
}

/** Waits until so many ids are followed. */
export async function untilWatched(http: HttpApp, count: number): Promise<void> {
  while (watched(http) !== count) await new Promise((resolve) => setImmediate(resolve));
}
