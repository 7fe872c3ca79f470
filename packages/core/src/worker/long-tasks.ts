import { STORE_WARNING } from '../errors/store-errors.js';
import type { Broker } from '../ports/broker.js';
import type { TaskRegistry } from '../task/task-registry.js';
import { type TimeLimits, usualLimitsOf } from './time-limits.js';

/** Tasks that are named; the others are counted. */
const mostNamed = 5;

export interface LongTasksParams {
  readonly broker: Pick<Broker, 'address' | 'capabilities'>;
  readonly registry: TaskRegistry;
  /** Of tasks that say nothing. */
  readonly limits: TimeLimits;
}

/**
 * A warning of tasks whose time limits let them run for longer than the broker leaves a message in hand: such a task may be run
 * again while it runs. Better at the start than after half an hour. `undefined`: there are none. Nothing is known of tasks without a
 * limit.
 */
export function warningOfLongTasks({ broker, registry, limits }: LongTasksParams): Error | undefined {
  const { longestHoldMs } = broker.capabilities;
  if (longestHoldMs === undefined) return undefined;
  const long = registry.names().flatMap((name) => {
    const options = registry.find(name)?.options ?? {};
    // What is acknowledged before it runs is not in hand.
    if (options.acksLate === false) return [];
    const { hardMs = 0 } = usualLimitsOf(options, limits) ?? {};
    return hardMs > longestHoldMs ? [`${name} (${hardMs / 1000} s)`] : [];
  });
  if (long.length === 0) return undefined;
  const more = long.length > mostNamed ? ` and ${long.length - mostNamed} more` : '';
  return STORE_WARNING.create({
    address: broker.address,
    found:
      `it takes back what is not acknowledged for ${longestHoldMs / 1000} s, and these tasks may take longer by their time limits: ` +
      `${long.slice(0, mostNamed).join(', ')}${more}`,
    advice:
      'Its message is kept by other means from then on, which a longer outage ends: then the task is run again while it runs. ' +
      'Raise that time on the server, and say so in the URL of the broker; or shorten the limits.',
  });
}
