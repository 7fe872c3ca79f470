import { Task, type TaskContext } from '../../src/index.js';
import { methodParameters } from '../../src/arguments/method-parameters.js';
import { taskMethodOf } from '../../src/task/task-method.js';
import { coded } from '../support/errors.js';

class Dto {
  name!: string;
}

class Shapes {
  @Task()
  plain(_x: number, _y: string): void {}

  @Task()
  optional(_x: number, _y?: string): void {}

  @Task()
  defaults(_x: number, _y: string = 'a', _z: boolean = true): void {}

  @Task()
  rest(_x: number, ..._more: string[]): void {}

  @Task({ bind: true })
  bound(_task: TaskContext, _x: Date): void {}

  @Task({ params: ['x', 'y?'] })
  named(_x: number, _y?: string): void {}

  @Task()
  nullable(_x: number | null, _dto: Dto, _any: unknown): void {}

  @Task({ params: ['x?', 'y'] })
  wrong(_x: number, _y: number): void {}
}

const parametersOf = (method: keyof Shapes) => {
  const task = taskMethodOf(Shapes, method);
  if (task === undefined) throw new Error(`${method} is no task`);
  return methodParameters(task);
};

describe('the parameters of a method', () => {
  it.each([
    ['plain', { required: 2, max: 2 }],
    ['optional', { required: 2, max: 2 }],
    ['defaults', { required: 1, max: undefined }],
    ['rest', { required: 1, max: undefined }],
    ['bound', { required: 1, max: 1 }],
    ['named', { names: ['x', 'y'], required: 1, max: 2 }],
  ] as const)('counts those of %s', (method, expected) => {
    expect(parametersOf(method).list).toMatchObject(expected);
  });

  it.each([
    ['plain', [Number, String]],
    ['bound', [Date]],
    ['nullable', [undefined, Dto, undefined]],
    // What a rest parameter is written down as depends on the compiler; an array must not be asked for.
    ['rest', [Number, undefined]],
    ['defaults', [Number, String, Boolean]],
  ] as const)('knows the types of %s', (method, expected) => {
    expect(parametersOf(method).types).toEqual(expected);
  });

  it('tells how an argument becomes optional', () => {
    expect(parametersOf('optional').list.hint).toMatch(/default value.*'y\?'/);
  });

  it('refuses names that make no sense', () => {
    expect(() => parametersOf('wrong')).toThrow(coded('LOVAGE_TASK_DEFINITION_INVALID'));
  });
});
