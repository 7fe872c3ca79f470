import {
  type DynamicModule,
  forwardRef,
  Injectable,
  Module,
  type OnModuleDestroy,
  type Type,
} from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import { Task, TaskApp, TaskClient, TaskQueueModule, tasksOf } from '../../src/index.js';
import { createContext, closeAppsAfterEach } from '../support/apps.js';
import { moduleOf } from '../support/modules.js';

/** Something that is alive until it is destroyed, and says when a task uses it afterwards. */
@Injectable()
class Resource implements OnModuleDestroy {
  private alive = true;

  use(): void {
    if (!this.alive) throw new Error(`${this.constructor.name} is destroyed`);
  }

  onModuleDestroy(): void {
    this.alive = false;
  }
}
@Injectable()
class Database extends Resource {}
@Injectable()
class Cache extends Resource {}
@Injectable()
class Search extends Resource {}

/** Opened by the test: a task in flight goes on only then. */
class Gate {
  private static opened: () => void = () => undefined;
  static passed: Promise<void> = Promise.resolve();
  static entered: Promise<void> = Promise.resolve();
  private static enter: () => void = () => undefined;

  static close(): void {
    this.passed = new Promise((resolve) => {
      this.opened = resolve;
    });
    this.entered = new Promise((resolve) => {
      this.enter = resolve;
    });
  }

  static open(): void {
    this.opened();
  }

  static async pass(): Promise<void> {
    this.enter();
    await this.passed;
  }
}

@Injectable()
class UsingTasks {
  static problems: string[] = [];
  static uses = 0;

  constructor(
    private readonly database: Database,
    private readonly cache: Cache,
    private readonly search: Search,
  ) {}

  @Task('use')
  async use(): Promise<void> {
    await Gate.pass();
    // Every other module has had every chance to be destroyed.
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    for (const resource of [this.database, this.cache, this.search]) {
      UsingTasks.uses += 1;
      try {
        resource.use();
      } catch (error) {
        UsingTasks.problems.push((error as Error).message);
      }
    }
  }
}

const providing = (resource: Type<Resource>, isGlobal: boolean): DynamicModule =>
  moduleOf(`${resource.name}Module`, { global: isGlobal, providers: [resource], exports: [resource] });

const orders = <T>(items: readonly T[]): T[][] =>
  items.length === 0
    ? [[]]
    : items.flatMap((item, at) =>
        orders([...items.slice(0, at), ...items.slice(at + 1)]).map((rest) => [item, ...rest]),
      );

/** Sends a task, waits until it runs, closes the application, and lets the task go on only then. */
async function closeInFlight(module: Type): Promise<void> {
  UsingTasks.problems = [];
  UsingTasks.uses = 0;
  Gate.close();
  const app = await createContext(module);
  await tasksOf(UsingTasks, app.get(TaskClient)).use.delay();
  await Gate.entered;
  const closed = app.close();
  await new Promise((resolve) => setImmediate(resolve));
  Gate.open();
  await closed;
}

closeAppsAfterEach();

describe('a task in flight when the application is closed', () => {
  const shapes = orders(['queue', 'database', 'cache', 'tasks'] as const).flatMap((order) => [
    { order, isGlobal: false, depth: 0 },
    { order, isGlobal: true, depth: 0 },
    { order, isGlobal: false, depth: 2 },
  ]);

  it.each(shapes)(
    'can use all providers: imports $order, global: $isGlobal, queue at depth $depth',
    async ({ order, isGlobal, depth }) => {
      const database = providing(Database, isGlobal);
      const cache = providing(Cache, isGlobal);
      const search = providing(Search, true);
      let queue: DynamicModule = TaskQueueModule.forRoot({ isGlobal: true });
      for (let level = 0; level < depth; level += 1) queue = moduleOf(`Queue${level}`, { imports: [queue] });
      const tasks = moduleOf('TasksModule', {
        imports: [database, cache, search],
        providers: [UsingTasks],
      });
      const parts = { queue, database, cache, tasks };
      @Module({ imports: order.map((name) => parts[name]) })
      class App {}

      await closeInFlight(App);
      expect(UsingTasks.problems).toEqual([]);
      expect(UsingTasks.uses).toBe(3);
    },
  );

  it('can use them where modules import each other in a circle', async () => {
    @Module({ imports: [forwardRef(() => Second)], providers: [Database], exports: [Database] })
    class First {}
    @Module({
      imports: [forwardRef(() => First), TaskQueueModule.forRoot()],
      providers: [Cache, Search],
      exports: [Cache, Search],
    })
    class Second {}
    @Module({ imports: [First, Second], providers: [UsingTasks] })
    class App {}
    await closeInFlight(App);
    expect(UsingTasks.problems).toEqual([]);
    expect(UsingTasks.uses).toBe(3);
  });

  it('can use them where several apps and a module that is loaded lazily are involved', async () => {
    @Injectable()
    class LazyResource extends Resource {}
    const lazyModule = moduleOf('LazyModule', { providers: [LazyResource] });
    const loaded: LazyResource[] = [];
    @Injectable()
    class SecondTasks {
      constructor(
        private readonly database: Database,
        private readonly loader: LazyModuleLoader,
      ) {}

      @Task({ name: 'second', app: 'second' })
      async second(): Promise<void> {
        const lazy = await this.loader.load(() => lazyModule);
        loaded.push(lazy.get(LazyResource));
        await Gate.pass();
        this.database.use();
        lazy.get(LazyResource).use();
      }
    }
    @Module({
      imports: [
        providing(Database, true),
        TaskQueueModule.forRoot({ name: 'second' }),
        providing(Cache, true),
        TaskQueueModule.forRoot(),
        providing(Search, true),
      ],
      providers: [UsingTasks, SecondTasks],
    })
    class App {}

    Gate.close();
    UsingTasks.problems = [];
    const app = await createContext(App);
    const outcomes: string[] = [];
    app.get<TaskApp>('lovage:app:second').events.listen(({ type }) => outcomes.push(type));
    await app.get<TaskClient>('lovage:client:second').send('second');
    await Gate.entered;
    const first = await tasksOf(UsingTasks, app.get(TaskClient)).use.delay();
    await Promise.race([first.get(), new Promise((resolve) => setImmediate(resolve))]);
    const closed = app.close();
    await new Promise((resolve) => setImmediate(resolve));
    Gate.open();
    await closed;
    expect(loaded).toHaveLength(1);
    expect(outcomes).toContain('task-succeeded');
    expect(UsingTasks.problems).toEqual([]);
  });
});
