import { Controller, Inject, Injectable, Module, Scope } from '@nestjs/common';
import {
  InjectTasks,
  isLovageError,
  Task,
  TaskApp,
  TaskClient,
  TaskQueueModule,
  type Tasks,
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

const queue = () => TaskQueueModule.forRoot();
const namesOf = (app: { get(token: typeof TaskApp): TaskApp }) => app.get(TaskApp).registry.names();

closeAppsAfterEach();

describe('the discovery of tasks', () => {
  it.each([
    ['a class', [MathTasks]],
    ['a class under another token', [{ provide: 'MATH', useClass: MathTasks }]],
    ['a value', [{ provide: 'MATH', useValue: new MathTasks() }]],
    ['a factory under its class', [{ provide: MathTasks, useFactory: () => new MathTasks() }]],
    [
      'an async factory under another token',
      [{ provide: 'MATH', useFactory: async () => await Promise.resolve(new MathTasks()) }],
    ],
    ['an alias beside its class', [MathTasks, { provide: 'ALIAS', useExisting: MathTasks }]],
    [
      'a factory that gives an instance of another provider',
      [MathTasks, { provide: 'SAME', useFactory: (math: MathTasks) => math, inject: [MathTasks] }],
    ],
  ])('finds those of %s once', async (_, providers) => {
    const app = await startApp({ imports: [queue()], providers });
    expect(namesOf(app)).toEqual(['math.add']);
    const result = await app.get(TaskClient).send('math.add', { args: [2, 2] });
    expect(await result.get({ timeout: '5s' })).toBe(4);
  });

  it('finds those of modules that import the queue and of those that do not', async () => {
    @Injectable()
    class Deep {
      @Task()
      dig(): void {}
    }
    @Module({ providers: [Deep] })
    class DeepModule {}
    @Module({ imports: [DeepModule], providers: [MathTasks] })
    class Feature {}
    expect(namesOf(await startApp({ imports: [Feature, queue()] }))).toEqual(['Deep.dig', 'math.add']);
  });

  it('gives inherited tasks the name of each provider', async () => {
    abstract class Base {
      @Task()
      run(): string {
        return this.constructor.name;
      }
    }
    @Injectable()
    class First extends Base {}
    @Injectable()
    class Second extends Base {}
    const app = await startApp({ imports: [queue()], providers: [First, Second] });
    expect(namesOf(app)).toEqual(['First.run', 'Second.run']);
    expect(await (await app.get(TaskClient).send('Second.run')).get({ timeout: '5s' })).toBe('Second');
  });

  it('is not confused by odd providers', async () => {
    const odd = [
      { provide: 'NULL', useValue: null },
      { provide: 'NOTHING', useFactory: () => undefined },
      { provide: 'BARE', useValue: Object.create(null) as object },
      { provide: 'FUNCTION', useValue: () => 1 },
      {
        provide: 'THROWS',
        useValue: new Proxy({}, { get: (_, key) => (key === 'then' ? undefined : fail(String(key))) }),
      },
      { provide: 'LATER', scope: Scope.REQUEST, useFactory: () => new MathTasks() },
    ];
    const fail = (key: string): unknown =>
      typeof key === 'string' && key.startsWith('on') ? undefined : key;
    expect(namesOf(await startApp({ imports: [queue()], providers: odd }))).toEqual([]);
  });
});

describe('a start with wrong tasks', () => {
  it('tells two tasks of one name, with both places', async () => {
    @Injectable()
    class Twin {
      @Task('math.add')
      add(): void {}
    }
    @Module({ providers: [Twin] })
    class TwinModule {}
    const error = await rejection(compileApp({ imports: [queue(), TwinModule], providers: [MathTasks] }));
    expect(error).toEqual(coded('LOVAGE_TASK_DUPLICATE'));
    expect(error.message).toMatch(/Twin\.add of TwinModule/);
    expect(error.message).toMatch(/MathTasks\.add of RootTestModule/);
  });

  it('tells a class that two modules provide', async () => {
    @Module({ providers: [MathTasks] })
    class Second {}
    await expect(compileApp({ imports: [queue(), Second], providers: [MathTasks] })).rejects.toEqual(
      coded('LOVAGE_TASK_DUPLICATE'),
    );
  });

  it('tells a task in a controller', async () => {
    @Controller()
    class Wrong {
      @Task()
      run(): void {}
    }
    const error = await rejection(compileApp({ imports: [queue()], controllers: [Wrong] }));
    expect(error).toEqual(coded('LOVAGE_TASK_DEFINITION_INVALID'));
    expect(error.message).toContain('Wrong.run');
  });

  it('tells a task of an app that is not there', async () => {
    @Injectable()
    class Lost {
      @Task({ app: 'reports' })
      run(): void {}
    }
    const error = await rejection(compileApp({ imports: [queue()], providers: [Lost] }));
    expect(error).toEqual(coded('LOVAGE_APP_UNKNOWN'));
    expect(error.message).toMatch(/Lost\.run.*"reports".*default/);
  });

  it('tells wrong options and wrong parameter names', async () => {
    @Injectable()
    class Wrong {
      @Task({ prioritty: 3 } as object)
      run(): void {}
    }
    await expect(compileApp({ imports: [queue()], providers: [Wrong] })).rejects.toEqual(
      coded('LOVAGE_OPTION_INVALID'),
    );
    @Injectable()
    class Names {
      @Task({ params: ['x', 'x'] })
      run(_x: number, _y: number): void {}
    }
    await expect(compileApp({ imports: [queue()], providers: [Names] })).rejects.toEqual(
      coded('LOVAGE_TASK_DEFINITION_INVALID'),
    );
  });

  it('tells all problems together, also those that only factories bring', async () => {
    @Injectable()
    class Wrong {
      @Task({ queue: 7 } as object)
      first(): void {}

      @Task({ app: 'nowhere' })
      second(): void {}
    }
    const error = await rejection(compileApp({ imports: [queue()], providers: [Wrong] }));
    expect(error).toEqual(coded('LOVAGE_TASKS_INVALID'));
    expect(isLovageError(error) && error.details).toMatchObject({
      problems: [{ code: 'LOVAGE_OPTION_INVALID' }, { code: 'LOVAGE_APP_UNKNOWN' }],
    });

    const late = await compileApp({
      imports: [queue()],
      providers: [{ provide: 'X', useFactory: async () => await Promise.resolve(new Wrong()) }],
    });
    expect(await rejection(late.init())).toEqual(coded('LOVAGE_TASKS_INVALID'));
    await late.close();
  });
});

describe('a start with wrong injections', () => {
  it('tells a class without tasks', async () => {
    class Empty {
      run(): void {}
    }
    @Injectable()
    class Sender {
      constructor(@InjectTasks(Empty) readonly tasks: Tasks<Empty>) {}
    }
    const error = await rejection(compileApp({ imports: [queue()], providers: [Sender] }));
    expect(error).toEqual(coded('LOVAGE_NO_TASKS'));
    expect(error.message).toMatch(/Sender injects the tasks of Empty/);
  });

  it('tells a class that is no provider where nobody else could run its tasks', async () => {
    @Injectable()
    class Sender {
      @InjectTasks(MathTasks)
      readonly math!: Tasks<MathTasks>;
    }
    const error = await rejection(compileApp({ imports: [queue()], providers: [Sender] }));
    expect(error).toEqual(coded('LOVAGE_HANDLER_MISSING'));
    expect(error.message).toMatch(/Sender.*MathTasks \(math\.add\)/);
  });

  it('tells an app that is not there, also of a class that inherits the injection', async () => {
    @Injectable()
    class Base {
      constructor(@InjectTasks(MathTasks, 'reports') readonly math: Tasks<MathTasks>) {}
    }
    @Injectable()
    class Sender extends Base {}
    const error = await rejection(compileApp({ imports: [queue()], providers: [MathTasks, Sender] }));
    expect(error).toEqual(coded('LOVAGE_APP_UNKNOWN'));
    expect(error.message).toMatch(/@InjectTasks\(MathTasks\) in Sender/);
  });

  it('is no concern of an application that does not have the class that injects', async () => {
    class Unused {
      constructor(@Inject('X') readonly x: unknown) {}
    }
    expect(Unused).toBeDefined();
    expect(namesOf(await startApp({ imports: [queue()], providers: [MathTasks] }))).toEqual(['math.add']);
  });
});
