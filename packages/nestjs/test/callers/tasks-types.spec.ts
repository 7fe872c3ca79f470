import { expectTypeOf } from 'expect-type';
import type { Observable } from 'rxjs';
import { Task, type TaskCaller, type TaskContext, type TaskResult, type Tasks } from '../../src/index.js';

class Base {
  inherited(flag: boolean): boolean {
    return flag;
  }
}

class MathTasks extends Base {
  readonly precision = 2;
  protected hidden(): void {}

  @Task()
  add(x: number, y: number): number {
    return x + y;
  }

  @Task({ params: ['text', 'times?'] })
  async repeat(text: string, times?: number): Promise<string[]> {
    return await Promise.resolve(Array.from({ length: times ?? 1 }, () => text));
  }

  @Task({ bind: true })
  progress(task: TaskContext, files: readonly string[], ...more: number[]): Observable<number> {
    throw new Error(`${task.id} ${files.length} ${more.length}`);
  }

  @Task({ bind: true })
  alone(task: TaskContext): string {
    return task.id;
  }

  anything(first: unknown): unknown {
    return first;
  }
}

declare const math: Tasks<MathTasks>;

describe('the types of tasks', () => {
  it('give each method its arguments and its value', () => {
    expectTypeOf<Tasks<MathTasks>['add']>().toEqualTypeOf<TaskCaller<[x: number, y: number], number>>();
    expectTypeOf<Tasks<MathTasks>['repeat']>().toEqualTypeOf<
      TaskCaller<[text: string, times?: number | undefined], string[]>
    >();
    expectTypeOf<Tasks<MathTasks>['inherited']>().toEqualTypeOf<TaskCaller<[flag: boolean], boolean>>();
    expectTypeOf<Tasks<MathTasks>['anything']>().toEqualTypeOf<TaskCaller<[first: unknown], unknown>>();
    type Sent = Awaited<ReturnType<Tasks<MathTasks>['add']['delay']>>;
    expectTypeOf<Sent>().toExtend<TaskResult<number>>();
    expectTypeOf<Awaited<ReturnType<Sent['get']>>>().toEqualTypeOf<number>();
  });

  it('leave out the context of a bound task, and unwrap observables', () => {
    expectTypeOf<Tasks<MathTasks>['progress']>().toEqualTypeOf<
      TaskCaller<[files: readonly string[], ...more: number[]], number>
    >();
    expectTypeOf<Tasks<MathTasks>['alone']>().toEqualTypeOf<TaskCaller<[], string>>();
  });

  it('offer no member that is no public method', () => {
    expectTypeOf<keyof Tasks<MathTasks>>().toEqualTypeOf<
      'add' | 'repeat' | 'progress' | 'alone' | 'anything' | 'inherited'
    >();
  });

  it('refuse wrong calls', () => {
    const wrong = async (): Promise<void> => {
      // @ts-expect-error a wrong argument
      await math.add.delay(1, 'two');
      // @ts-expect-error a missing argument
      await math.add.delay(1);
      // @ts-expect-error one argument too many
      await math.add.applyAsync([1, 2, 3]);
      // @ts-expect-error an unknown option
      await math.add.applyAsync([1, 2], { countdwon: 3 });
      // @ts-expect-error an unknown method
      const unknown: unknown = math.substract;
      // @ts-expect-error a member that is no method
      const member: unknown = math.precision;
      // @ts-expect-error a wrong use of the value
      const text: string = await (await math.add.delay(1, 2)).get();
      // @ts-expect-error the context is not the caller's to give
      await math.alone.delay({} as TaskContext);
      expect([text, unknown, member]).toBeDefined();
    };
    expect(wrong).toBeDefined();
  });

  it('refuse decorators that do not fit their method', () => {
    const wrong = (): void => {
      class Wrong {
        // @ts-expect-error a bound task takes its context first
        @Task({ bind: true })
        bound(x: number): number {
          return x;
        }

        // @ts-expect-error a method that takes a context must be bound
        @Task()
        unbound(task: TaskContext): string {
          return task.id;
        }

        // @ts-expect-error an unknown option
        @Task({ prioritty: 3 })
        option(): void {}

        // @ts-expect-error a property is no method
        @Task()
        property = 1;
      }
      expect(Wrong).toBeDefined();
    };
    expect(wrong).toBeDefined();
  });
});
