import {
  type BeforeApplicationShutdown,
  Controller,
  Get,
  Injectable,
  Module,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  InjectTasks,
  Task,
  TaskApp,
  TaskClient,
  TaskQueueModule,
  TaskQueueTesting,
  TaskQueueTestingModule,
  type Tasks,
} from '../../src/index.js';
import { closeAppsAfterEach, compileApp, closedAfterwards, silent, startApp } from '../support/apps.js';
import { coded, rejection } from '../support/errors.js';

@Injectable()
class MathTasks {
  @Task('add')
  add(x: number, y: number): number {
    return x + y;
  }
}

closeAppsAfterEach();

describe('the beginning', () => {
  it('of the worker comes after the hooks of all other providers', async () => {
    const seen: string[] = [];
    @Injectable()
    class Other implements OnModuleInit, OnApplicationBootstrap {
      constructor(private readonly app: TaskApp) {}

      onModuleInit(): void {
        seen.push(`init ${this.app.started}`);
      }

      async onApplicationBootstrap(): Promise<void> {
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(`bootstrap ${this.app.started}`);
      }
    }
    @Module({ providers: [Other] })
    class Feature {}
    const app = await startApp({ imports: [TaskQueueModule.forRoot(), Feature], providers: [Other] });
    expect(seen).toEqual(['init false', 'init false', 'bootstrap false', 'bootstrap false']);
    expect(app.get(TaskApp).started).toBe(true);
  });

  it('that fails elsewhere leaves nothing open', async () => {
    @Injectable()
    class Failing implements OnApplicationBootstrap {
      constructor(@InjectTasks(MathTasks) private readonly math: Tasks<MathTasks>) {}

      async onApplicationBootstrap(): Promise<void> {
        await this.math.add.delay(1, 2);
        throw new Error('no database');
      }
    }
    const app = await compileApp({
      imports: [TaskQueueTestingModule.forRoot()],
      providers: [Failing, MathTasks],
    });
    await expect(app.init()).rejects.toThrow('no database');
    const { stores } = app.get(TaskApp);
    expect(stores.opened).toBe(true);
    await app.close();
    expect(stores.opened).toBe(false);
    expect(app.get(TaskQueueTesting).clock.pending).toBe(0);
  });

  it('that fails in one app stops the others', async () => {
    const app = await compileApp({
      imports: [TaskQueueModule.forRoot(), TaskQueueModule.forRoot({ name: 'second' })],
    });
    const first = app.get(TaskApp);
    const second = app.get<TaskApp>('lovage:app:second');
    jest.spyOn(second.stores.broker, 'open').mockRejectedValue(new Error('broker away'));
    await expect(app.init()).rejects.toThrow('broker away');
    expect([first.stopped, first.stores.opened]).toEqual([true, false]);
    await app.close();
  });
});

describe('the end', () => {
  it('waits for running tasks, hands back the others, and refuses what comes later', async () => {
    let finish: () => void = () => undefined;
    const running = new Promise<void>((resolve) => {
      finish = resolve;
    });
    @Injectable()
    class SlowTasks {
      static runs = 0;
      @Task('slow')
      async slow(): Promise<string> {
        SlowTasks.runs += 1;
        await running;
        return 'finished';
      }
    }
    const app = await startApp({
      imports: [TaskQueueTestingModule.forRoot({ worker: { concurrency: 1 } })],
      providers: [SlowTasks],
    });
    const { client, app: taskApp } = app.get(TaskQueueTesting);
    const reports: unknown[] = [];
    taskApp.events.listen((event) => event.type === 'worker-drained' && reports.push(event.report));
    const first = await client.send('slow');
    const got = first.get();
    await client.send('slow');
    await app.get(TaskQueueTesting).clock.settle();
    const closed = app.close();
    await new Promise((resolve) => setImmediate(resolve));
    finish();
    await closed;
    expect(await got).toBe('finished');
    expect(reports).toEqual([{ finished: 1, returned: 1, abandoned: [] }]);
    expect(SlowTasks.runs).toBe(1);
    expect((await rejection(client.send('slow'))).code).toMatch(/LOVAGE_(SERVICE_STOPPED|PUBLISH_FAILED)/);
  });

  it('cuts tasks that do not end within the drain timeout, and tells which', async () => {
    const reasons: unknown[] = [];
    @Injectable()
    class EndlessTasks {
      @Task({ name: 'endless', bind: true })
      async endless(task: import('../../src/index.js').TaskContext): Promise<void> {
        await new Promise<void>((resolve) => {
          task.signal.addEventListener('abort', () => {
            reasons.push(task.signal.reason);
            resolve();
          });
        });
      }
    }
    const app = await startApp({
      imports: [TaskQueueTestingModule.forRoot({ worker: { drainTimeout: '30s' } })],
      providers: [EndlessTasks],
    });
    const testing = app.get(TaskQueueTesting);
    await testing.client.send('endless');
    await testing.clock.settle();
    const closed = app.close();
    await testing.advance('29s');
    expect(reasons).toEqual([]);
    await testing.advance('1s');
    await closed;
    expect(reasons).toEqual([coded('LOVAGE_WORKER_STOPPING')]);
  });

  it('lets other providers send until beforeApplicationShutdown, and releases who waits for a result', async () => {
    const seen: string[] = [];
    @Injectable()
    class Late implements OnModuleDestroy, BeforeApplicationShutdown {
      constructor(private readonly client: TaskClient) {}

      async onModuleDestroy(): Promise<void> {
        const result = await this.client.send('add', { args: [1, 2] });
        result.get().catch((error: unknown) => seen.push(String((error as { readonly code?: string }).code)));
        seen.push('sent');
      }

      async beforeApplicationShutdown(): Promise<void> {
        await this.client.send('add', { args: [1, 2] }).catch(() => seen.push('refused'));
      }
    }
    const app = await startApp({ imports: [TaskQueueModule.forRoot()], providers: [Late, MathTasks] });
    await app.close();
    expect(seen).toEqual(['sent', 'LOVAGE_SERVICE_STOPPED', 'refused']);
  });

  it('does not hang on a request that waits for a task that will not run any more', async () => {
    @Controller()
    class Waiting {
      static entered: () => void = () => undefined;
      constructor(private readonly client: TaskClient) {}
      @Get('wait')
      async wait(): Promise<unknown> {
        const result = await this.client.send('add', { args: [1, 2], countdown: '1h' });
        Waiting.entered();
        return await result.get();
      }
    }
    @Module({ imports: [TaskQueueModule.forRoot()], providers: [MathTasks], controllers: [Waiting] })
    class App {}
    const app = closedAfterwards(await NestFactory.create(App, { logger: false, abortOnError: false }));
    await app.listen(0, '127.0.0.1');
    const entered = new Promise<void>((resolve) => {
      Waiting.entered = resolve;
    });
    const answer = fetch(`${await app.getUrl()}/wait`);
    await entered;
    await app.close();
    expect((await answer).status).toBe(500);
  });

  it('may come twice, at the same time, and before the beginning', async () => {
    const app = await startApp({ imports: [TaskQueueModule.forRoot()], providers: [MathTasks] });
    await Promise.all([app.close(), app.close()]);
    await app.close();
    const never = await compileApp({ imports: [TaskQueueModule.forRoot()], providers: [MathTasks] });
    await never.get(TaskClient).send('add', { args: [1, 2] });
    await never.close();
    expect(never.get(TaskApp).stores.opened).toBe(false);
  });

  it('may come from many at once, at any time, again and again', async () => {
    for (let round = 0; round < 20; round += 1) {
      const app = await compileApp({ imports: [TaskQueueModule.forRoot()], providers: [MathTasks] });
      const beginning = app.init();
      for (let turn = 0; turn < round % 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      await Promise.all(Array.from({ length: 10 }, async () => await app.close()));
      await beginning;
      await app.close();
      const { stores, worker } = app.get(TaskApp);
      expect([stores.opened, worker?.started, worker?.activeCount]).toEqual([false, false, 0]);
    }
  });

  it('may come while it begins', async () => {
    let app: { close(): Promise<void> } | undefined;
    const closings: Promise<void>[] = [];
    @Injectable()
    class Impatient implements OnApplicationBootstrap {
      async onApplicationBootstrap(): Promise<void> {
        if (app !== undefined) closings.push(app.close());
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    const moduleRef = await compileApp({
      imports: [TaskQueueModule.forRoot()],
      providers: [Impatient, MathTasks],
    });
    const http = moduleRef.createNestApplication();
    http.useLogger(silent);
    app = http;
    await http.init();
    await Promise.all(closings);
    await http.close();
    expect(moduleRef.get(TaskApp).stores.opened).toBe(false);
    expect(moduleRef.get(TaskApp).worker?.activeCount).toBe(0);
  });
});

describe('SIGTERM', () => {
  it('drains before providers are destroyed', async () => {
    const order: string[] = [];
    let finish: () => void = () => undefined;
    const running = new Promise<void>((resolve) => {
      finish = resolve;
    });
    @Injectable()
    class Database implements OnModuleDestroy {
      onModuleDestroy(): void {
        order.push('destroyed');
      }
    }
    @Injectable()
    class SlowTasks {
      constructor(readonly database: Database) {}
      @Task('slow')
      async slow(): Promise<void> {
        await running;
        order.push('ran');
      }
    }
    const app = await startApp({
      imports: [TaskQueueTestingModule.forRoot()],
      providers: [Database, SlowTasks],
    });
    app.enableShutdownHooks(['SIGTERM']);
    await app.get(TaskQueueTesting).client.send('slow');
    await app.get(TaskQueueTesting).clock.settle();
    // Nest ends the process with the signal when all is closed.
    const ended = new Promise<void>((resolve) => {
      jest.spyOn(process, 'kill').mockImplementation(() => {
        order.push('ended');
        resolve();
        return true;
      });
    });
    process.emit('SIGTERM', 'SIGTERM');
    await new Promise((resolve) => setImmediate(resolve));
    finish();
    await ended;
    expect(order).toEqual(['ran', 'destroyed', 'ended']);
  });
});
