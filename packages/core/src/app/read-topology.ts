import { isWireName } from '../message/wire-name.js';
import type { Binding, Exchange, Queue, Topology } from '../ports/topology.js';
import type { AppOptions } from './app-options.js';
import type { OptionReader } from './option-reader.js';

const exchangeTypes: readonly unknown[] = ['direct', 'topic', 'fanout'] satisfies Exchange['type'][];

/** What an app declares: its own queues and the default one, exchanges, and bindings among them. */
export function readTopology(options: AppOptions, defaultQueue: string, reader: OptionReader): Topology {
  const queues = new Set([defaultQueue, ...queueNames(options, reader)]);
  return {
    queues: [...queues].map((name): Queue => ({ name })),
    exchanges: entries<Exchange>('exchanges', reader, ({ name, type }) => {
      return isWireName(name) && exchangeTypes.includes(type)
        ? undefined
        : 'an exchange { name, type: direct | topic | fanout }';
    }),
    bindings: entries<Binding>('bindings', reader, ({ queue, exchange, routingKey }) => {
      const valid = isWireName(queue) && isWireName(exchange) && typeof routingKey === 'string';
      return valid ? undefined : 'a binding { queue, exchange, routingKey }';
    }),
  };
}

/** The declared queues, without the default one. */
function queueNames({ queues }: AppOptions, reader: OptionReader): readonly string[] {
  if (queues === undefined) return [];
  if (!Array.isArray(queues)) {
    reader.problem('queues', 'an array of queue names', queues);
    return [];
  }
  return queues.flatMap((queue: unknown, index) => {
    const name = typeof queue === 'object' && queue !== null ? (queue as Partial<Queue>).name : queue;
    if (isWireName(name)) return [name];
    reader.problem(`queues[${index}]`, 'a queue name of 1 to 255 bytes', name);
    return [];
  });
}

/** @param problemOf what an entry should be, where it is not */
function entries<T>(
  option: string,
  reader: OptionReader,
  problemOf: (entry: Partial<T>) => string | undefined,
): readonly T[] {
  return reader.list(option).filter((entry, index): entry is T => {
    const problem = typeof entry === 'object' && entry !== null ? problemOf(entry) : 'an object';
    if (problem !== undefined) reader.problem(`${option}[${index}]`, problem, entry);
    return problem === undefined;
  });
}
