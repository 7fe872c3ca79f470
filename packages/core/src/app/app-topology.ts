import type { Binding, Exchange, Queue, Topology } from '../ports/topology.js';
import type { AppQueue } from '../routing/app-queue.js';
import { hostFormat, namesHost } from '../routing/host-format.js';

/** Seconds without a consumer after which the end of a broadcast is deleted. */
const broadcastExpires = 1800;

export interface AppTopologyParts {
  readonly queues: readonly AppQueue[];
  readonly exchanges: readonly Exchange[];
  readonly bindings: readonly Binding[];
  /** Name of this host. */
  readonly host: string;
  readonly newId: () => string;
}

/**
 * What an app declares. Most of it every process declares, senders too, so that no message is sent into nothing. Queues of one host
 * and the ends of broadcasts are declared by the workers that consume them: nobody would ever empty those of a sender.
 */
export class AppTopology {
  /** Names of broadcasts: each is an exchange, and nothing that a message could wait in. */
  readonly broadcasts: ReadonlySet<string>;
  private readonly queues: readonly AppQueue[];

  constructor(private readonly parts: AppTopologyParts) {
    this.queues = [...new Map(parts.queues.map((queue) => [queue.name, queue])).values()];
    this.broadcasts = new Set(this.queues.filter(({ broadcast }) => broadcast).map(({ name }) => name));
  }

  /** Names of all queues, as the options have them. */
  get names(): readonly string[] {
    return this.queues.map(({ name }) => name);
  }

  /**
   * What is declared at the start.
   *
   * @param consumed names as the options of a worker have them; none where no worker runs
   * @returns with the queues that the worker consumes, in the same order
   */
  declaredBy(consumed: readonly string[]): {
    readonly topology: Topology;
    readonly consumes: readonly string[];
  } {
    const { exchanges, bindings } = this.parts;
    const shared = this.queues.filter((queue) => queue.broadcast !== true && !namesHost(queue.name));
    const taken = consumed.map((name) => this.taken(name));
    const sharedNames = new Set(shared.map(({ name }) => this.format(name)));
    const own = taken.filter(({ queue }) => !sharedNames.has(queue.name));
    const names = new Map(taken.map(({ given, queue }) => [given, queue.name]));
    const present = new Set([...sharedNames, ...own.map(({ queue }) => queue.name)]);
    return {
      topology: {
        exchanges: [
          ...exchanges,
          ...[...this.broadcasts].map((name): Exchange => ({ name, type: 'fanout' })),
        ],
        queues: [...shared.map((queue) => this.portQueue(queue)), ...own.map(({ queue }) => queue)],
        bindings: [
          ...bindings
            .map((binding) => ({
              ...binding,
              queue: names.get(binding.queue) ?? this.format(binding.queue),
            }))
            .filter(({ queue }) => present.has(queue)),
          ...taken.flatMap(({ broadcast, queue }): readonly Binding[] =>
            broadcast === undefined ? [] : [{ queue: queue.name, exchange: broadcast, routingKey: '' }],
          ),
        ],
      },
      consumes: [...new Set(taken.map(({ queue }) => queue.name))],
    };
  }

  /** The queue behind a name of the worker's options. */
  private taken(given: string): {
    readonly given: string;
    readonly queue: Queue;
    readonly broadcast: string | undefined;
  } {
    const known = this.queues.find(({ name }) => name === given || this.format(name) === given);
    if (known?.broadcast === true) {
      // As Celery's: durable where the broker knows that, gone with its only consumer, and never replicated. A consumer that dies while the broker
      // is restarted is no last one that goes: without an end of its own its queue would be filled for ever.
      const queue: Queue = {
        name: `bcast.${this.parts.newId()}`,
        type: 'classic',
        autoDelete: true,
        expires: broadcastExpires,
      };
      return { given, queue, broadcast: known.name };
    }
    const queue = known ?? { name: given };
    return { given: queue.name, queue: this.portQueue(queue), broadcast: undefined };
  }

  private portQueue(queue: AppQueue): Queue {
    return { ...queue, name: this.format(queue.name) };
  }

  /** Names with signs that mean nothing were refused when the options were read. */
  private format(name: string): string {
    return hostFormat(name, this.parts.host) ?? name;
  }
}
