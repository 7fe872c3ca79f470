import { comparePrecedence, isReady, precedence, TaskState } from '../../src/message/task-state.js';

describe('task states', () => {
  it('are final when they are SUCCESS, FAILURE or REVOKED', () => {
    expect([...Object.values(TaskState), 'PROGRESS'].filter(isReady)).toEqual([
      'SUCCESS',
      'FAILURE',
      'REVOKED',
    ]);
  });

  it('rank as in Celery, custom words after FAILURE', () => {
    const states = [
      'PENDING',
      'RETRY',
      'REJECTED',
      'RECEIVED',
      'STARTED',
      'REVOKED',
      'PROGRESS',
      'FAILURE',
      'SUCCESS',
    ];
    expect(states.toSorted(comparePrecedence)).toEqual(states.toReversed());
    expect(precedence('toString')).toBe(precedence('PROGRESS'));
    expect(precedence('IGNORED')).toBe(precedence('PROGRESS'));
  });
});
