import { Injectable, type OnApplicationBootstrap, type OnModuleInit, Scope } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import {
  getTasksToken,
  InjectTasks,
  Task,
  TaskClient,
  TaskQueueModule,
  type Tasks,
  tasksOf,
} from '../../src/index.js';
import { closeAppsAfterEach, startApp } from '../support/apps.js';
import { coded } from '../support/errors.js';
import { moduleOf } from '../support/modules.js';

@Injectable()
class MathTasks implements OnModuleInit {
  onModuleInit(): void {}

  @Task({ name: 'math.add' })
  add(x: number, y: number): number {
    return x + y;
  }

  helper(): string {
    return 'not a task';
  }
}

@Injectable()
class Sender {
  constructor(@InjectTasks(MathTasks) readonly math: Tasks<MathTasks>) {}
}

closeAppsAfterEach();

describe('injected tasks', () => {
  it('send and give the value', async () => {
    const app = await startApp({ imports: [TaskQueueModule.forRoot()], providers: [MathTasks, Sender] });
    const { math } = app.get(Sender);
    expect(await (await math.add.delay(2, 3)).get({ timeout: '5s' })).toBe(5);
    expect(await (await math.add.applyAsync([2, 4], { taskId: 'mine' })).get({ timeout: '5s' })).toBe(6);
    expect(math.add.name).toBe('math.add');
    expect(math.add).toBe(math.add);
  });

  it('refuse a method without @Task() when it is called, not when it is looked at', async () => {
    const app = await startApp({ imports: [TaskQueueModule.forRoot()], providers: [MathTasks, Sender] });
    const { math } = app.get(Sender);
    expect(math.helper).toBeDefined();
    await expect(math.helper.delay()).rejects.toEqual(coded('LOVAGE_NOT_A_TASK'));
    expect(Object.keys(math)).toEqual(['add']);
  });

  it('work for a class of any scope, as constructor parameter, property, and token', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Scoped {
      @Task()
      run(): string {
        return 'scoped';
      }
    }
    @Injectable()
    class Both {
      @InjectTasks(Scoped)
      readonly property!: Tasks<Scoped>;
      constructor(@InjectTasks(Scoped) readonly parameter: Tasks<Scoped>) {}
    }
    const byToken = {
      provide: 'BY_TOKEN',
      inject: [getTasksToken(Scoped)],
      useFactory: (tasks: Tasks<Scoped>) => tasks,
    };
    const app = await startApp({ imports: [TaskQueueModule.forRoot()], providers: [Scoped, Both, byToken] });
    expect(app.get(Both).property).toBe(app.get(Both).parameter);
    expect(app.get('BY_TOKEN')).toBe(app.get(Both).parameter);
    expect(await (await app.get(Both).parameter.run.delay()).get({ timeout: '5s' })).toBe('scoped');
  });

  it('send with options and checks of a class that is no provider of this process', async () => {
    class Remote {
      @Task({ queue: 'far', priority: 3 })
      add(x: number, y: number): number {
        return x + y;
      }
    }
    @Injectable()
    class Client {
      constructor(@InjectTasks(Remote) readonly remote: Tasks<Remote>) {}
    }
    const app = await startApp({
      imports: [TaskQueueModule.forRoot({ worker: false })],
      providers: [Client],
    });
    const { remote } = app.get(Client);
    const result = await remote.add.delay(1, 2);
    expect(await result.state()).toBe('PENDING');
    const { stores } = app.get<{ readonly parts: { readonly stores: import('@lovage/core').Stores } }>(
      TaskClient,
    ).parts;
    const page = await stores.inspector?.messages({
      queue: 'far',
      place: 'ready',
      limit: 10,
      deadline: stores.deadline(),
    });
    expect(page?.messages.map(({ message }) => message.properties.priority)).toEqual([3]);
    await expect(remote.add.delay('1' as never, 2)).rejects.toEqual(coded('LOVAGE_ARGUMENTS_INVALID'));
  });

  it('go to the app that the injection names', async () => {
    class Elsewhere {
      @Task()
      run(): void {}
    }
    @Injectable()
    class Client {
      constructor(@InjectTasks(Elsewhere, 'far') readonly tasks: Tasks<Elsewhere>) {}
    }
    const app = await startApp({
      imports: [TaskQueueModule.forRoot(), TaskQueueModule.forRoot({ name: 'far', worker: false })],
      providers: [Client],
    });
    const { id } = await app.get(Client).tasks.run.delay();
    const far = app.get<TaskClient>('lovage:client:far');
    expect(await far.result(id).snapshot()).toMatchObject({ known: true });
    expect(await app.get(TaskClient).result(id).snapshot()).toMatchObject({ known: false });
  });

  it('send while other providers begin, before the worker does', async () => {
    @Injectable()
    class Eager implements OnModuleInit, OnApplicationBootstrap {
      readonly sent: Promise<unknown>[] = [];
      constructor(@InjectTasks(MathTasks) private readonly math: Tasks<MathTasks>) {}

      async onModuleInit(): Promise<void> {
        this.sent.push((await this.math.add.delay(1, 1)).get({ timeout: '5s' }));
      }

      async onApplicationBootstrap(): Promise<void> {
        this.sent.push((await this.math.add.delay(2, 2)).get({ timeout: '5s' }));
        await expect(this.math.add.delay('x' as never, 1)).rejects.toEqual(coded('LOVAGE_ARGUMENTS_INVALID'));
      }
    }
    const app = await startApp({ imports: [TaskQueueModule.forRoot()], providers: [Eager, MathTasks] });
    expect(await Promise.all(app.get(Eager).sent)).toEqual([2, 4]);
  });

  it('are there in modules that are loaded lazily, also for classes that are loaded only then', async () => {
    const app = await startApp({ imports: [TaskQueueModule.forRoot()], providers: [MathTasks] });
    class LaterTasks extends MathTasks {}
    @Injectable()
    class LazySender {
      constructor(
        @InjectTasks(MathTasks) readonly math: Tasks<MathTasks>,
        @InjectTasks(LaterTasks) readonly later: Tasks<LaterTasks>,
      ) {}
    }
    const lazy = moduleOf('LazyModule', { providers: [LazySender] });
    const moduleRef = await app.get(LazyModuleLoader).load(() => lazy);
    const { math, later } = moduleRef.get(LazySender);
    expect(await (await math.add.delay(3, 4)).get({ timeout: '5s' })).toBe(7);
    expect(later.add.name).toBe('math.add');
  });

  it('can be had without injection, over a client', async () => {
    const app = await startApp({ imports: [TaskQueueModule.forRoot()], providers: [MathTasks] });
    expect(await (await tasksOf(MathTasks, app.get(TaskClient)).add.delay(2, 3)).get({ timeout: '5s' })).toBe(
      5,
    );
  });
});
