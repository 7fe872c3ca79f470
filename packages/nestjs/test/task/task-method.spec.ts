import { Task } from '../../src/index.js';
import { taskMethodOf, taskMethodsOf } from '../../src/task/task-method.js';
import { coded } from '../support/errors.js';

abstract class Base {
  @Task()
  shared(): string {
    return 'base';
  }

  @Task('fixed')
  named(): string {
    return 'base';
  }

  @Task()
  overridden(): string {
    return 'base';
  }
}

class Sub extends Base {
  override overridden(): string {
    return 'sub';
  }

  @Task({ app: 'reports', queue: 'q' })
  own(): void {}

  notATask(): void {}
}

class Other extends Base {
  @Task({ priority: 3 })
  override overridden(): string {
    return 'other';
  }
}

describe('task methods', () => {
  it('are named after the class that is provided, unless they have a name', () => {
    expect(taskMethodsOf(Sub).map(({ name }) => name)).toEqual(['Sub.own', 'Sub.shared', 'fixed']);
    expect(taskMethodsOf(Base).map(({ name }) => name)).toEqual(['Base.shared', 'fixed', 'Base.overridden']);
  });

  it('are not inherited by a method that overrides one without @Task()', () => {
    expect(taskMethodOf(Sub, 'overridden')).toBeUndefined();
    expect(taskMethodOf(Other, 'overridden')).toMatchObject({
      name: 'Other.overridden',
      options: { priority: 3 },
    });
  });

  it('have an app and a source', () => {
    expect(taskMethodOf(Sub, 'own')).toMatchObject({ app: 'reports', source: 'Sub.own' });
    expect(taskMethodOf(Sub, 'shared')).toMatchObject({ app: 'default', owner: Base.prototype });
  });

  it.each(['notATask', 'missing', 'constructor', 'toString', '__proto__'])('do not include %s', (method) => {
    expect(taskMethodOf(Sub, method)).toBeUndefined();
  });

  it('survive a decorator that replaces the method', () => {
    const wrapped = (_: object, __: string, descriptor: PropertyDescriptor): PropertyDescriptor => ({
      ...descriptor,
      value: () => 'wrapped',
    });
    class Wrapped {
      @wrapped
      @Task('inner')
      inner(): string {
        return 'method';
      }
    }
    expect(taskMethodOf(Wrapped, 'inner')?.name).toBe('inner');
  });

  it('can not be static or have a symbol for a name', () => {
    const decorate = Task() as (
      target: object,
      method: string | symbol,
      descriptor: PropertyDescriptor,
    ) => void;
    expect(() => decorate(Sub, 'create', {})).toThrow(coded('LOVAGE_TASK_DEFINITION_INVALID'));
    expect(() => decorate(Sub.prototype, Symbol('x'), {})).toThrow(coded('LOVAGE_TASK_DEFINITION_INVALID'));
  });
});
