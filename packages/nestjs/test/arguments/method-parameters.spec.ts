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

  @Task({ params: ['x'] })
  tooFew(_x: number, _y: number): void {}

  @Task({ bind: true, params: ['task', 'x'] })
  tooMany(_task: TaskContext, _x: number): void {}

  @Task({ params: ['x', 'y?', 'z?'] })
  namedDefaults(_x: number, _y = 1, _z = 2): void {}

  @Task({ params: ['x', 'y?', 'z?'] })
  namedRest(_x: number, ..._more: number[]): void {}
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
    ['namedDefaults', { names: ['x', 'y', 'z'], required: 1, max: 3 }],
    ['namedRest', { names: ['x', 'y', 'z'], required: 1, max: 3 }],
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
    // It stands in the middle of a message, which ends with a full stop of its own.
    expect(parametersOf('optional').list.hint).toMatch(/^a parameter .*default value.*'y\?'.*[^.]$/);
  });

  it('refuses names that make no sense', () => {
    expect(() => parametersOf('wrong')).toThrow(coded('LOVAGE_TASK_DEFINITION_INVALID'));
  });

  it.each([
    ['tooFew', /"params" names 1 parameter, but Shapes\.tooFew takes 2\./],
    ['tooMany', /"params" names 2 parameters, but Shapes\.tooMany takes 1 \(the context is not named\)\./],
  ] as const)('refuses %s names', (method, message) => {
    expect(() => parametersOf(method)).toThrow(coded('LOVAGE_TASK_DEFINITION_INVALID'));
    expect(() => parametersOf(method)).toThrow(message);
  });
});
