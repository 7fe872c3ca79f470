import { isWireName } from '../message/wire-name.js';
import type { Queue, TopologyArguments } from '../ports/topology.js';
import type { AppQueue } from '../routing/app-queue.js';
import { OptionReader } from './option-reader.js';

const queueTypes: readonly NonNullable<Queue['type']>[] = ['classic', 'quorum'];
const mostSeconds = 2 ** 31 / 1000;

/** @returns `undefined` where it is no queue at all; what else is wrong with it is told to the reader */
export function readQueue(entry: unknown, path: string, reader: OptionReader): AppQueue | undefined {
  if (isWireName(entry)) return { name: entry };
  const bag = typeof entry === 'object' && entry !== null ? (entry as Partial<AppQueue>) : undefined;
  if (!isWireName(bag?.name)) {
    reader.problem(path, 'a queue name of 1 to 255 bytes', bag === undefined ? entry : bag.name);
    return undefined;
  }
  const own = new OptionReader(bag, `${path}.`);
  const has = (name: keyof AppQueue): boolean => bag[name] !== undefined;
  const queue: AppQueue = {
    name: bag.name,
    ...(has('broadcast') && { broadcast: own.flag('broadcast', false) }),
    ...(has('type') && { type: own.oneOf('type', queueTypes, 'classic') }),
    ...(has('maxPriority') && { maxPriority: own.integer('maxPriority', 1, 255, 10) }),
    ...(has('deliveryLimit') && { deliveryLimit: own.integer('deliveryLimit', 1, 1_000_000, 20) }),
    ...(has('durable') && { durable: own.flag('durable', true) }),
    ...(has('autoDelete') && { autoDelete: own.flag('autoDelete', false) }),
    ...(has('exclusive') && { exclusive: own.flag('exclusive', false) }),
    ...(has('expires') && { expires: own.integer('expires', 1, Math.floor(mostSeconds), 1) }),
    ...(has('arguments') && { arguments: readArguments(bag.arguments, `${path}.arguments`, reader) }),
  };
  own.known(['name', 'arguments']);
  reader.take(own);
  return queue;
}

/** Plain values by name, as they go to the broker. */
export function readArguments(value: unknown, path: string, reader: OptionReader): TopologyArguments {
  const valid =
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every(
      (one) =>
        ['string', 'boolean'].includes(typeof one) || (typeof one === 'number' && Number.isFinite(one)),
    );
  if (valid) return value as TopologyArguments;
  reader.problem(path, 'an object of texts, numbers and booleans by name', value);
  return {};
}
