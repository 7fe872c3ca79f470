import { TASK_DUPLICATE } from '@lovage/core';
import { BootProblems } from '../../src/errors/boot-problems.js';
import { NO_TASKS } from '../../src/errors/nest-errors.js';
import { coded } from '../support/errors.js';

const first = NO_TASKS.create({ taskClass: 'A', consumer: 'B' });
const second = TASK_DUPLICATE.create({ taskName: 'a', first: 'A.a', second: 'B.a' });

describe('problems at the start', () => {
  it('are told alone, or all together with their codes', () => {
    const problems = new BootProblems();
    expect(() => problems.throwIfAny()).not.toThrow();
    problems.add(first);
    expect(() => problems.throwIfAny()).toThrow(first);
    problems.add(first);
    problems.add(second);
    expect(() => problems.throwIfAny()).toThrow(coded('LOVAGE_TASKS_INVALID'));
  });

  it('are told once', () => {
    const problems = new BootProblems();
    problems.add(first);
    expect(() => problems.throwIfAny()).toThrow(first);
    expect(() => problems.throwIfAny()).not.toThrow();
  });

  it('do not hide what is no problem of the user', () => {
    expect(() => new BootProblems().add(new TypeError('a bug'))).toThrow('a bug');
  });
});
