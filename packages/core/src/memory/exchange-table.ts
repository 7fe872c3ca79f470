import { isDeepStrictEqual } from 'node:util';
import { EXCHANGE_UNDECLARED, QUEUE_UNDECLARED, TOPOLOGY_CONFLICT } from '../errors/store-errors.js';
import type { Binding, Exchange, Topology, TopologyArguments } from '../ports/topology.js';
import { matchesHeaders } from './headers-match.js';
import { MemoryQueue } from './memory-queue.js';
import { matchesTopic } from './topic-pattern.js';

/** Routes that an exchange remembers; routing keys are chosen by callers, so their number has no bound. */
const mostRoutes = 1000;

interface BoundQueue {
  readonly queue: MemoryQueue;
  readonly routingKey: string;
  readonly arguments: TopologyArguments;
}

interface DeclaredExchange {
  readonly type: Exchange['type'];
  readonly bindings: BoundQueue[];
  /** Queues by routing key, as far as they were asked for. */
  readonly routes: Map<string, readonly MemoryQueue[]>;
}

const nowhere: readonly MemoryQueue[] = [];

/** Queues, exchanges and bindings: where a message goes. */
export class ExchangeTable {
  private readonly queueByName = new Map<string, MemoryQueue>();
  private readonly exchangeByName = new Map<string, DeclaredExchange>();

  /** @throws LOVAGE_TOPOLOGY_CONFLICT, LOVAGE_EXCHANGE_UNDECLARED, LOVAGE_QUEUE_UNDECLARED; what precedes stays declared */
  declare({ exchanges = [], queues = [], bindings = [] }: Topology): void {
    for (const exchange of exchanges) this.declareExchange(exchange);
    for (const { name, autoDelete } of queues) {
      if (!this.queueByName.has(name)) this.queueByName.set(name, new MemoryQueue(name, autoDelete));
    }
    for (const binding of bindings) this.bind(binding);
  }

  /** Takes a queue away, with what waits in it and with its bindings. */
  delete(queue: MemoryQueue): void {
    if (this.queueByName.get(queue.name) === queue) this.queueByName.delete(queue.name);
    for (const exchange of this.exchangeByName.values()) {
      const left = exchange.bindings.filter((binding) => binding.queue !== queue);
      if (left.length === exchange.bindings.length) continue;
      exchange.bindings.splice(0, exchange.bindings.length, ...left);
      exchange.routes.clear();
    }
  }

  /** By name, ordered. */
  queues(): readonly MemoryQueue[] {
    return [...this.queueByName.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The queue that the default exchange finds. */
  find(name: string): MemoryQueue | undefined {
    return this.queueByName.get(name);
  }

  /** @throws LOVAGE_QUEUE_UNDECLARED */
  queue(name: string, operation: string): MemoryQueue {
    const queue = this.queueByName.get(name);
    if (queue === undefined) throw QUEUE_UNDECLARED.create({ queue: name, operation });
    return queue;
  }

  /** The queues for a message, each once. An exchange that nobody declared has no queues bound to it. */
  route(
    exchangeName: string,
    routingKey: string,
    headers: Readonly<Record<string, unknown>>,
  ): readonly MemoryQueue[] {
    const exchange = this.exchangeByName.get(exchangeName);
    if (exchange === undefined) return nowhere;
    if (exchange.type === 'headers') {
      const found = exchange.bindings.filter((binding) => matchesHeaders(binding.arguments, headers));
      return [...new Set(found.map(({ queue }) => queue))];
    }
    const known = exchange.routes.get(routingKey);
    if (known !== undefined) return known;
    const found = new Set<MemoryQueue>();
    for (const binding of exchange.bindings) {
      if (matches(exchange.type, binding.routingKey, routingKey)) found.add(binding.queue);
    }
    if (exchange.routes.size >= mostRoutes) exchange.routes.clear();
    const route = [...found];
    exchange.routes.set(routingKey, route);
    return route;
  }

  private declareExchange({ name, type }: Exchange): void {
    const present = name === '' ? 'direct' : this.exchangeByName.get(name)?.type;
    if (present === undefined) this.exchangeByName.set(name, { type, bindings: [], routes: new Map() });
    else if (present !== type) {
      throw TOPOLOGY_CONFLICT.create({
        exchange: name,
        problem: `it has the type ${present} and was declared again as ${type}`,
      });
    }
  }

  private bind({
    queue: queueName,
    exchange: exchangeName,
    routingKey,
    arguments: args = {},
  }: Binding): void {
    const queue = this.queue(queueName, 'bind');
    if (exchangeName === '') {
      // The default exchange has this binding by itself, and takes no other.
      if (routingKey === queueName) return;
      throw TOPOLOGY_CONFLICT.create({
        exchange: '',
        problem: `the default exchange takes no bindings (queue "${queueName}")`,
      });
    }
    const exchange = this.exchangeByName.get(exchangeName);
    if (exchange === undefined)
      throw EXCHANGE_UNDECLARED.create({ exchange: exchangeName, queue: queueName });
    const same = ({ queue: one, routingKey: key, arguments: others }: BoundQueue): boolean =>
      one === queue && key === routingKey && isDeepStrictEqual(others, args);
    if (exchange.bindings.some(same)) return;
    exchange.bindings.push({ queue, routingKey, arguments: args });
    exchange.routes.clear();
  }
}

function matches(type: Exchange['type'], bound: string, routingKey: string): boolean {
  if (type === 'fanout') return true;
  return type === 'direct' ? bound === routingKey : matchesTopic(bound, routingKey);
}
