import type { BrokerCapabilities } from '../../src/ports/broker.js';
import { TaskRegistry } from '../../src/task/task-registry.js';
import type { TaskOptions } from '../../src/task/task-options.js';
import { warningOfLongTasks } from '../../src/worker/long-tasks.js';

const minuteMs = 60_000;

interface Scene {
  readonly capabilities?: Partial<BrokerCapabilities>;
  /** Limit of the worker. */
  readonly hardMs?: number;
}

function warning(
  tasks: Readonly<Record<string, TaskOptions>>,
  { capabilities = { longestHoldMs: 30 * minuteMs }, hardMs }: Scene = {},
): string | undefined {
  const registry = new TaskRegistry();
  for (const [name, options] of Object.entries(tasks))
    registry.add({ name, run: () => undefined, options, source: 'test' });
  const broker = { address: 'amqp://h', capabilities: capabilities as BrokerCapabilities };
  return warningOfLongTasks({ broker, registry, limits: { hardMs, softMs: undefined } })?.message;
}

describe('warningOfLongTasks', () => {
  it('names tasks that may run for longer than the broker leaves a message in hand, and says what to do', () => {
    expect(warning({ short: { timeLimit: '30m' }, long: { timeLimit: '1h' } })).toBe(
      'amqp://h: it takes back what is not acknowledged for 1800 s, and these tasks may take longer by their time limits: ' +
        'long (3600 s). Its message is kept by other means from then on, which a longer outage ends: then the task is run again while ' +
        'it runs. Raise that time on the server, and say so in the URL of the broker; or shorten the limits.',
    );
  });

  it('takes the limit of the worker for tasks that have none', () => {
    const tasks = { a: {}, b: { timeLimit: '1m' as const } };
    expect(warning(tasks, { hardMs: 45 * minuteMs })).toContain(': a (2700 s). ');
  });

  it('says nothing where a message stays in hand as long as its worker lives', () => {
    expect(warning({ long: { timeLimit: '1w' } }, { capabilities: {} })).toBeUndefined();
  });

  it('says nothing of tasks without a limit, and of those that are acknowledged before they run', () => {
    expect(warning({ endless: {}, early: { timeLimit: '2h', acksLate: false } })).toBeUndefined();
  });

  it('names a few and counts the others', () => {
    const many = Object.fromEntries(
      Array.from({ length: 7 }, (_, at) => [`task${at}`, { timeLimit: '1h' as const }]),
    );
    expect(warning(many)).toContain('task4 (3600 s) and 2 more. ');
  });
});
