import { isWireKey, isWireName } from '../message/wire-name.js';
import type { Binding, Exchange } from '../ports/topology.js';
import type { AppQueue } from '../routing/app-queue.js';
import { hostFormat } from '../routing/host-format.js';
import type { AppOptions } from './app-options.js';
import { AppTopology } from './app-topology.js';
import type { OptionReader } from './option-reader.js';
import { readArguments, readQueue } from './read-queue.js';
import type { Surroundings } from './surroundings.js';

const exchangeTypes: readonly unknown[] = [
  'direct',
  'topic',
  'fanout',
  'headers',
] satisfies Exchange['type'][];

/** What an app declares: its own queues and the default one, exchanges, and bindings among them. */
export function readTopology(
  options: AppOptions,
  defaultQueue: string,
  surroundings: Surroundings,
  reader: OptionReader,
): AppTopology {
  const queues = readQueues(options, surroundings.host, reader);
  return new AppTopology({
    ...surroundings,
    queues: queues.some(({ name }) => name === defaultQueue) ? queues : [{ name: defaultQueue }, ...queues],
    exchanges: entries<Exchange>('exchanges', reader, ({ name, type, durable, autoDelete }) => {
      const flags = [durable, autoDelete].every((flag) => flag === undefined || typeof flag === 'boolean');
      return isWireName(name) && exchangeTypes.includes(type) && flags
        ? undefined
        : 'an exchange { name, type: direct | topic | fanout | headers, durable?, autoDelete? }';
    }),
    bindings: readBindings(surroundings.host, reader),
  });
}

/** The declared queues, without the default one. */
function readQueues({ queues }: AppOptions, host: string, reader: OptionReader): readonly AppQueue[] {
  if (queues === undefined) return [];
  if (!Array.isArray(queues)) {
    reader.problem('queues', 'an array of queue names', queues);
    return [];
  }
  const read = queues.flatMap((entry: unknown, index) => {
    const queue = readQueue(entry, `queues[${index}]`, reader);
    return queue === undefined ? [] : [queue];
  });
  for (const { name } of read) checkFormat('queues', name, host, reader);
  return read;
}

/** Tells of a percent sign that means nothing. */
export function checkFormat(option: string, name: string, host: string, reader: OptionReader): void {
  if (hostFormat(name, host) !== undefined) return;
  reader.problem(option, 'a name in which %h, %n or %d stand for the host and %% for a percent sign', name);
}

function readBindings(host: string, reader: OptionReader): readonly Binding[] {
  const bindings = entries<Binding>('bindings', reader, ({ queue, exchange, routingKey }) => {
    const valid =
      isWireName(queue) && isWireName(exchange) && (routingKey === undefined || isWireKey(routingKey));
    return valid
      ? undefined
      : 'a binding { queue, exchange, routingKey?, arguments? }, with names of at most 255 bytes';
  });
  return bindings.map((binding, index) => {
    checkFormat(`bindings[${index}].queue`, binding.queue, host, reader);
    return {
      ...binding,
      routingKey: binding.routingKey ?? '',
      ...(binding.arguments !== undefined && {
        arguments: readArguments(binding.arguments, `bindings[${index}].arguments`, reader),
      }),
    };
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
