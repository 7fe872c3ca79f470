import type { Channel } from 'amqplib';
import {
  type Binding,
  type Deadline,
  type Exchange,
  LovageError,
  OPTION_INVALID,
  type Queue,
  QUEUE_CONFLICT,
  STORE_REFUSED,
  type Topology,
  type TopologyArguments,
} from '@lovage/core';
import { codedFailure, failureKind } from '../connection/amqp-failure.js';
import type { AmqpLink } from '../connection/amqp-link.js';
import type { RabbitSettings } from '../connection/rabbit-target.js';
import { parkedQueue } from '../wire/parked.js';
import { isTooLong, mostShortBytes } from '../wire/short-text.js';
import { celeryDoors, openDoors } from './celery-doors.js';
import { deliveryLimitOf, queueOptions, queueTypeOf } from './queue-arguments.js';
import { type Declaring, topologyFailure } from './topology-failure.js';

/** Below the limit of 20 that RabbitMQ 4 has by itself, with room for workers that die. */
const mostReturns = 8;

/**
 * What this process has declared, so that it can be declared again when it is found missing: a queue that somebody has deleted, a
 * broker that came back without what does not outlive a restart.
 */
export class Declarations {
  private readonly exchanges = new Map<string, Exchange>();
  private readonly queues = new Map<string, Queue>();
  private readonly bindings = new Map<string, Binding>();

  constructor(
    private readonly settings: RabbitSettings,
    private readonly warn: (warning: Error) => void,
  ) {}

  /** Declares, and remembers what was accepted. @throws the coded error of what was refused; what precedes stays declared */
  async declare(link: AmqpLink, topology: Topology, deadline: Deadline): Promise<void> {
    checkTopology(topology);
    await link.call('declare', deadline, async (channel) => await this.declareOn(channel, topology));
    for (const queue of topology.queues ?? []) {
      // What reaches the limit goes there.
      if (deliveryLimitOf(queue, this.settings) !== undefined)
        await this.declareParked(link, queue.name, deadline);
    }
    for (const exchange of topology.exchanges ?? []) this.exchanges.set(exchange.name, exchange);
    for (const queue of topology.queues ?? []) this.queues.set(queue.name, queue);
    for (const binding of topology.bindings ?? []) this.bindings.set(keyOf(binding), binding);
    await this.openCeleryDoors(link, topology, deadline);
  }

  /** For delayed messages of Celery, which lets them wait in the broker where it knows of a quorum queue. */
  private async openCeleryDoors(
    link: AmqpLink,
    { bindings = [] }: Topology,
    deadline: Deadline,
  ): Promise<void> {
    if (!this.queueNames.some((name) => this.typeOf(name) === 'quorum')) return;
    const doors = celeryDoors(bindings, (exchange) => this.exchanges.get(exchange)?.type);
    if (doors.length === 0) return;
    try {
      await link.call('declare', deadline, async (channel) => await openDoors(channel, doors));
    } catch (error) {
      const failure = codedFailure(this.settings.target.address, 'declare', error);
      if (!STORE_REFUSED.is(failure)) throw failure;
      // What Lovage sends needs none.
      this.warn(failure);
    }
  }

  /**
   * Everything that leads to some queues once more. One that others have declared is only looked for; a missing one becomes a plain
   * one; and one that somebody has declared otherwise since stays as it is, which an operator is told.
   */
  async declareAgain(link: AmqpLink, names: readonly string[], deadline: Deadline): Promise<void> {
    const absent = new Set<string>();
    for (const name of names) {
      if (!this.queues.has(name) && !(await isThere(link, name, deadline))) absent.add(name);
    }
    const bindings = [...this.bindings.values()].filter(({ queue }) => names.includes(queue));
    const exchanges = [...new Set(bindings.map(({ exchange }) => exchange))];
    const left = new Set(names);
    for (;;) {
      const queues = [...left].flatMap((name) => this.queues.get(name) ?? (absent.has(name) ? { name } : []));
      try {
        await this.declare(
          link,
          { exchanges: exchanges.flatMap((name) => this.exchanges.get(name) ?? []), queues, bindings },
          deadline,
        );
        return;
      } catch (error) {
        if (!QUEUE_CONFLICT.is(error) || !left.delete(error.details.queue)) throw error;
        this.warn(error);
      }
    }
  }

  get queueNames(): readonly string[] {
    return [...this.queues.keys()];
  }

  /** It ends with its last consumer, or some time after. */
  isFleeting(name: string): boolean {
    const queue = this.queues.get(name);
    return queue?.autoDelete === true || queue?.expires !== undefined;
  }

  /** Only the connection that has declared it may ask for it, empty it or consume it. */
  isExclusive(name: string): boolean {
    return this.queues.get(name)?.exclusive === true;
  }

  /** A quorum queue counts everything that it takes back, and drops a message in the end: after so many times a copy starts anew. */
  mostReturns(name: string): number {
    const limit = deliveryLimitOf(this.queues.get(name) ?? { name }, this.settings);
    return Math.min(mostReturns, limit ?? mostReturns);
  }

  typeOf(name: string): 'classic' | 'quorum' {
    return queueTypeOf(this.queues.get(name) ?? { name }, this.settings);
  }

  private async declareOn(channel: Channel, { exchanges, queues, bindings }: Topology): Promise<void> {
    for (const { name, type, durable = true, autoDelete = false } of exchanges ?? []) {
      await this.trying({ kind: 'exchange', exchange: name }, async () => {
        await channel.assertExchange(name, type, { durable, autoDelete });
      });
    }
    for (const queue of queues ?? []) {
      await this.trying({ kind: 'queue', queue: queue.name }, async () => {
        await channel.assertQueue(queue.name, queueOptions(queue, this.settings));
      });
    }
    for (const { queue, exchange, routingKey, arguments: wanted } of bindings ?? []) {
      await this.trying({ kind: 'binding', queue, exchange }, async () => {
        await channel.bindQueue(queue, exchange, routingKey, wanted);
      });
    }
  }

  /**
   * The queue of what was parked out of a queue; of the type that the driver's options say. Where it exists with other arguments it will do as well:
   * messages must have a place to be parked, whatever else has changed.
   */
  async declareParked(link: AmqpLink, queue: string, deadline: Deadline): Promise<void> {
    const name = parkedQueue(queue);
    const options = queueOptions(
      { name },
      { queueType: this.settings.queueType, maxPriority: undefined, deliveryLimit: undefined },
    );
    try {
      await link.call('declare', deadline, async (channel) => await channel.assertQueue(name, options));
    } catch (error) {
      if (error instanceof LovageError) throw error;
      if (failureKind(error) === 'conflict') return;
      throw topologyFailure(this.settings.target.address, { kind: 'queue', queue: name }, error);
    }
  }

  private async trying(what: Declaring, declare: () => Promise<void>): Promise<void> {
    try {
      await declare();
    } catch (error) {
      if (error instanceof LovageError) throw error;
      throw topologyFailure(this.settings.target.address, what, error);
    }
  }
}

/**
 * What the client library could not write would never be answered.
 *
 * @throws LOVAGE_OPTION_INVALID for that, and for names that the server would change, so that nobody found them again
 */
function checkTopology({ exchanges = [], queues = [], bindings = [] }: Topology): void {
  const problems = [
    ...exchanges.flatMap(({ name }) => nameProblem('exchange', name)),
    ...queues.flatMap(({ name, arguments: args }) => [
      ...nameProblem('queue', name),
      ...argumentProblems(`arguments of the queue "${name}"`, args),
    ]),
    ...bindings.flatMap(({ queue, exchange, routingKey, arguments: args }) => [
      ...nameProblem('queue of a binding', queue),
      ...nameProblem('exchange of a binding', exchange),
      ...(isTooLong(routingKey) ? [tooLong(`routing key of a binding of "${queue}"`, routingKey)] : []),
      ...argumentProblems(`arguments of a binding of "${queue}"`, args),
    ]),
  ];
  if (problems.length > 0) throw OPTION_INVALID.create({ problems });
}

interface Problem {
  readonly option: string;
  readonly expected: string;
  readonly got: unknown;
}

const tooLong = (option: string, got: string): Problem => ({
  option,
  expected: `a name of at most ${mostShortBytes} bytes`,
  got,
});

function nameProblem(option: string, name: string): readonly Problem[] {
  if (/[\r\n]/.test(name))
    return [{ option, expected: 'a name without line breaks, which RabbitMQ takes out', got: name }];
  return isTooLong(name) ? [tooLong(option, name)] : [];
}

function argumentProblems(option: string, args: TopologyArguments = {}): readonly Problem[] {
  return Object.entries(args).flatMap(([name, value]) => {
    if (isTooLong(name)) return [tooLong(option, name)];
    return typeof value === 'number' && !Number.isFinite(value)
      ? [{ option: `${option}: ${name}`, expected: 'a number, a text or a boolean', got: value }]
      : [];
  });
}

export async function isThere(link: AmqpLink, queue: string, deadline: Deadline): Promise<boolean> {
  try {
    await link.call('consume', deadline, async (channel) => await channel.checkQueue(queue));
    return true;
  } catch (error) {
    if (failureKind(error) === 'missing') return false;
    throw error;
  }
}

const keyOf = ({ queue, exchange, routingKey, arguments: wanted }: Binding): string =>
  JSON.stringify([queue, exchange, routingKey, wanted]);
