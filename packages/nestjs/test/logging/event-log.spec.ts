import { EventHub, type LovageEvent } from '@lovage/core';
import { ConsoleLogger, Logger } from '@nestjs/common';
import { logEvents } from '../../src/logging/event-log.js';
import { Lines } from '../support/lines.js';

const task = { taskId: 'id-1', taskName: 'math.add', hostname: 'w@h', timestampMs: 0 };

afterEach(() => {
  Logger.overrideLogger(new ConsoleLogger());
});

const textOf = (event: LovageEvent, which: 'all' | 'problems' | 'none' = 'all'): string | undefined => {
  const lines = new Lines();
  Logger.overrideLogger(lines);
  const events = new EventHub();
  const end = logEvents(events, which, 'default');
  events.tell(event);
  end();
  events.tell(event);
  return lines.texts.join('\n');
};

describe('the log of events', () => {
  it('lets no name forge a line', () => {
    const evil = { ...task, taskId: '1\n[Nest] ERROR', taskName: 'a\u001B[2J' };
    const name = '[a\\u001b[2J 1\\u000a[Nest] ERROR]';
    expect(textOf({ ...evil, type: 'task-started' })).toBe(`log: ${name} started`);
    expect(textOf({ ...evil, type: 'worker-problem', hostname: 'w@h', error: 'odd' })).toContain(
      `worker w@h ${name}: odd`,
    );
    const report = { finished: 0, returned: 0, abandoned: [evil] };
    expect(textOf({ type: 'worker-drained', hostname: 'w@h', report })).not.toContain('\n');
  });

  it.each<[LovageEvent, string]>([
    [
      { ...task, type: 'task-received', queue: 'q', retries: 2, eta: undefined },
      'log: [math.add id-1] received from q (retry 2)',
    ],
    [{ ...task, type: 'task-started' }, 'log: [math.add id-1] started'],
    [{ ...task, type: 'task-succeeded', runtimeMs: 12 }, 'log: [math.add id-1] succeeded in 0.012 s'],
    [{ ...task, type: 'task-ignored' }, 'log: [math.add id-1] was ignored by its method'],
    [
      { ...task, type: 'task-failed', runtimeMs: 1500, error: new TypeError('x') },
      'error: [math.add id-1] failed in 1.500 s: TypeError: x',
    ],
    [
      { ...task, type: 'task-retried', notBeforeMs: 0, error: undefined },
      'warn: [math.add id-1] will be retried at 1970-01-01T00:00:00.000Z: no error given',
    ],
    [
      { ...task, type: 'task-rejected', requeue: true, reason: 'busy' },
      'warn: [math.add id-1] was put back by its method: busy',
    ],
    [
      { ...task, type: 'task-rejected', requeue: false, reason: 'bad' },
      'warn: [math.add id-1] was parked by its method: bad',
    ],
    [{ ...task, type: 'task-revoked', expired: true, terminated: false }, 'warn: [math.add id-1] expired'],
    [
      { ...task, type: 'task-revoked', expired: false, terminated: true },
      'warn: [math.add id-1] was terminated',
    ],
    [
      { ...task, type: 'task-revoked', expired: false, terminated: false },
      'warn: [math.add id-1] was revoked',
    ],
    [{ type: 'worker-offline', hostname: 'w@h' }, 'log: worker w@h of the app "default" has stopped'],
    [
      { type: 'worker-drained', hostname: 'w@h', report: { finished: 1, returned: 2, abandoned: [task] } },
      'warn: worker w@h drained: 1 finished, 2 handed back, 1 cut and handed back: math.add id-1',
    ],
    [
      {
        type: 'worker-problem',
        hostname: 'w@h',
        error: Object.assign(new Error('gone'), { code: 'LOVAGE_X' }),
        taskId: 'id-1',
        taskName: 'math.add',
      },
      'error: worker w@h [math.add id-1]: LOVAGE_X: gone',
    ],
    [
      { type: 'worker-problem', hostname: 'w@h', error: 'text', taskId: undefined, taskName: undefined },
      'error: worker w@h: text',
    ],
    [
      { type: 'store-warning', error: Object.assign(new Error('no disk'), { code: 'LOVAGE_STORE_WARNING' }) },
      'warn: LOVAGE_STORE_WARNING: no disk',
    ],
  ])('writes %j', (event, expected) => {
    expect(textOf(event)).toBe(expected);
  });

  it('survives errors that can not be looked at', () => {
    const hostile = Object.defineProperty({}, 'message', {
      get: () => {
        throw new Error('no');
      },
    });
    expect(textOf({ ...task, type: 'task-failed', runtimeMs: 0, error: hostile })).toContain(
      'an error that can not be shown',
    );
  });

  it('leaves out what nobody asked for', () => {
    expect(textOf({ ...task, type: 'task-succeeded', runtimeMs: 1 }, 'problems')).toBe('');
    expect(textOf({ ...task, type: 'task-failed', runtimeMs: 1, error: 'x' }, 'none')).toBe('');
  });
});
