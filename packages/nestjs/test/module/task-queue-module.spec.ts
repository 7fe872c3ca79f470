import { Inject, Injectable, Module } from '@nestjs/common';
import {
  getTaskAppToken,
  getTaskClientToken,
  InjectTaskApp,
  InjectTaskClient,
  Task,
  TaskApp,
  TaskClient,
  TaskQueueModule,
  type TaskQueueModuleAsyncOptions,
  type TaskQueueOptions,
  type TaskQueueOptionsFactory,
  tasksOf,
} from '../../src/index.js';
import { closeAppsAfterEach, compileApp, startApp } from '../support/apps.js';
import { coded, rejection } from '../support/errors.js';

@Injectable()
class MathTasks {
  @Task({ name: 'math.add' })
  add(x: number, y: number): number {
    return x + y;
  }
}

@Injectable()
class ReportTasks {
  @Task({ app: 'reports' })
  make(name: string): string {
    return `report ${name}`;
  }
}

closeAppsAfterEach();

describe('TaskQueueModule', () => {
  it('runs tasks without any option', async () => {
    const app = await startApp({ imports: [TaskQueueModule.forRoot()], providers: [MathTasks] });
    const result = await app.get(TaskClient).send<number>('math.add', { args: [2, 3] });
    expect(await result.get({ timeout: '5s' })).toBe(5);
  });

  it('gives clients everywhere, and only where it is imported with isGlobal: false', async () => {
    @Injectable()
    class Sender {
      constructor(
        readonly client: TaskClient,
        @InjectTaskClient() readonly same: TaskClient,
        @InjectTaskApp() readonly app: TaskApp,
      ) {}
    }
    @Module({ providers: [Sender] })
    class Feature {}

    const app = await startApp({ imports: [Feature, TaskQueueModule.forRoot()] });
    const sender = app.get(Sender);
    expect(sender.client).toBe(sender.same);
    expect(sender.app.client).toBe(sender.client);

    const error = await rejection(
      compileApp({ imports: [Feature, TaskQueueModule.forRoot({ isGlobal: false })] }),
    );
    expect(error.message).toMatch(/can't resolve dependencies of the Sender/);
  });

  it('serves several apps by their names', async () => {
    @Injectable()
    class Sender {
      constructor(
        @InjectTaskClient() readonly main: TaskClient,
        @InjectTaskClient('reports') readonly reports: TaskClient,
        @InjectTaskApp('reports') readonly app: TaskApp,
      ) {}
    }
    const app = await startApp({
      imports: [TaskQueueModule.forRoot(), TaskQueueModule.forRoot({ name: 'reports' })],
      providers: [MathTasks, ReportTasks, Sender],
    });
    const { main, reports, app: reportsApp } = app.get(Sender);
    expect(main).not.toBe(reports);
    expect(await (await tasksOf(MathTasks, main).add.delay(1, 2)).get({ timeout: '5s' })).toBe(3);
    expect(await (await tasksOf(ReportTasks, reports).make.delay('a')).get({ timeout: '5s' })).toBe(
      'report a',
    );
    expect(reportsApp.registry.names()).toEqual(['ReportTasks.make']);
    expect(app.get<TaskApp>(getTaskAppToken('reports'))).toBe(reportsApp);
    expect(app.get<TaskClient>(getTaskClientToken('reports'))).toBe(reports);
  });

  it('refuses two apps of one name', async () => {
    const imports = [TaskQueueModule.forRoot(), TaskQueueModule.forRoot()];
    await expect(compileApp({ imports })).rejects.toEqual(coded('LOVAGE_APP_DUPLICATE'));
  });

  it('is one module however often the same object is imported', async () => {
    const queue = TaskQueueModule.forRoot();
    @Module({ imports: [queue], providers: [MathTasks] })
    class Feature {}
    const app = await startApp({ imports: [queue, Feature] });
    expect(app.get(TaskApp).registry.names()).toEqual(['math.add']);
  });
});

describe('options of TaskQueueModule', () => {
  it('are validated at the start, all problems together', async () => {
    const options = {
      brokr: 'memory://',
      http: { path: 3, gards: [] },
      logger: { events: 'some' },
      isGlobal: 'yes',
    } as object;
    const error = await rejection(compileApp({ imports: [TaskQueueModule.forRoot(options)] }));
    expect(error).toEqual(coded('LOVAGE_OPTION_INVALID'));
    for (const option of ['brokr', 'http.path', 'http.gards', 'logger.events', 'isGlobal'])
      expect(error.message).toContain(`"${option}"`);
    // Told once, with all names that could have been meant.
    expect(error.message.split('"brokr"')).toHaveLength(2);
    expect(error.message).toMatch(
      /"brokr" to be absent: known are broker, .*logger, name, isGlobal, http, got/,
    );
  });

  it.each([
    [{ http: 'tasks' }, 'http'],
    [{ http: null }, 'http'],
    [{ http: { maxWait: 'long' } }, 'http.maxWait'],
    [{ http: { heartbeat: -1 } }, 'http.heartbeat'],
    [{ http: { heartbeat: 0 } }, 'http.heartbeat'],
    [{ http: { guards: {} } }, 'http.guards'],
    [{ http: { showTraceback: 1 } }, 'http.showTraceback'],
    [{ logger: 'all' }, 'logger'],
    [{ logger: { prefix: 1 } }, 'logger.prefix'],
    [{ name: '' }, 'name'],
  ])('refuse %j', async (options, option) => {
    const error = await rejection(compileApp({ imports: [TaskQueueModule.forRoot(options as object)] }));
    expect(error).toEqual(coded('LOVAGE_OPTION_INVALID'));
    expect(error.message).toContain(`"${option}"`);
  });

  it('tell a broker that no driver is known for', async () => {
    const imports = [TaskQueueModule.forRoot({ broker: 'carrier-pigeon://localhost:1' })];
    await expect(compileApp({ imports })).rejects.toEqual(coded('LOVAGE_SCHEME_UNKNOWN'));
  });
});

describe('TaskQueueModule.forRootAsync', () => {
  const options: TaskQueueOptions = { defaultQueue: 'from-factory' };
  const queueOf = (app: { get(token: typeof TaskApp): TaskApp }) => app.get(TaskApp).settings.defaultQueue;

  @Injectable()
  class Config implements TaskQueueOptionsFactory {
    createTaskQueueOptions(): TaskQueueOptions {
      return options;
    }
  }
  @Module({ providers: [Config, { provide: 'QUEUE', useValue: 'injected' }], exports: [Config, 'QUEUE'] })
  class ConfigModule {}

  it('takes a factory with what it injects', async () => {
    const queue = TaskQueueModule.forRootAsync({
      imports: [ConfigModule],
      inject: ['QUEUE', { token: 'NOT_THERE', optional: true }],
      useFactory: async (defaultQueue: string, missing: unknown) =>
        await Promise.resolve({ defaultQueue, trackSent: missing === undefined }),
    });
    const app = await startApp({ imports: [queue] });
    expect(queueOf(app)).toBe('injected');
    expect(app.get(TaskApp).settings.trackSent).toBe(true);
  });

  it('takes a class, and an existing provider', async () => {
    expect(queueOf(await startApp({ imports: [TaskQueueModule.forRootAsync({ useClass: Config })] }))).toBe(
      'from-factory',
    );
    const existing = TaskQueueModule.forRootAsync({ imports: [ConfigModule], useExisting: Config });
    expect(queueOf(await startApp({ imports: [existing] }))).toBe('from-factory');
  });

  it('takes name and isGlobal beside the factory', async () => {
    @Injectable()
    class Sender {
      constructor(@Inject(getTaskClientToken('reports')) readonly client: TaskClient) {}
    }
    const queue = TaskQueueModule.forRootAsync({ name: 'reports', isGlobal: false, useFactory: () => ({}) });
    const app = await startApp({ imports: [queue], providers: [Sender] });
    expect(app.get(Sender).client).toBeInstanceOf(TaskClient);
  });

  it.each([
    ['no source', {}, 'forRootAsync'],
    ['two sources', { useFactory: () => ({}), useClass: Config }, 'forRootAsync'],
    ['an unknown option', { useFactory: () => ({}), broker: 'memory://' }, 'broker'],
    ['http from the factory', { useFactory: () => ({ http: true }) }, 'http'],
    ['a name from the factory', { useFactory: () => ({ name: 'x' }) }, 'name'],
    ['an unknown option from the factory', { useFactory: () => ({ logg: true }) }, 'logg'],
    ['a wrong option of core from the factory', { useFactory: () => ({ trackSent: 3 }) }, 'trackSent'],
  ])('refuses %s', async (_, given, option) => {
    const error = await rejection(
      compileApp({ imports: [TaskQueueModule.forRootAsync(given as TaskQueueModuleAsyncOptions)] }),
    );
    expect(error).toEqual(coded('LOVAGE_OPTION_INVALID'));
    expect(error.message).toContain(`"${option}"`);
  });

  it('fails the start with what the factory throws', async () => {
    const useFactory = () => {
      throw new Error('no configuration');
    };
    await expect(compileApp({ imports: [TaskQueueModule.forRootAsync({ useFactory })] })).rejects.toThrow(
      'no configuration',
    );
  });
});
