/** How an exchange finds its queues, as in AMQP 0-9-1. Which of them a broker has stands in its capabilities. */
export type ExchangeType = 'direct' | 'topic' | 'fanout' | 'headers';

/** Arguments of a queue or a binding: plain values by name, such as `{ 'x-max-length': 10000 }`. */
export type TopologyArguments = Readonly<Record<string, string | number | boolean>>;

export interface Exchange {
  /** `''` is the default exchange: the routing key names the queue. It needs no declaration. */
  readonly name: string;
  readonly type: ExchangeType;
  /** Outlives a restart of the broker. Default true. Brokers that do not tell exchanges apart in this keep all. */
  readonly durable?: boolean | undefined;
  /** Deleted by the broker when the last queue is unbound from it. Default false. */
  readonly autoDelete?: boolean | undefined;
}

/**
 * A queue. What is beside the name is for brokers that know such things: another broker takes no notice, since a queue without
 * them does the same work. All programs that declare a queue must agree on them.
 */
export interface Queue {
  readonly name: string;
  /** RabbitMQ: replicated (`quorum`) or not (`classic`). Default: what the driver's options say. */
  readonly type?: 'classic' | 'quorum' | undefined;
  /** RabbitMQ: highest priority that the queue tells apart, 1 to 255. Brokers that order by priority anyway need none. */
  readonly maxPriority?: number | undefined;
  /** RabbitMQ, quorum queues: how often the broker itself delivers a message again before it dead-letters it. */
  readonly deliveryLimit?: number | undefined;
  /** Outlives a restart of the broker. Default true. */
  readonly durable?: boolean | undefined;
  /** Deleted when its last consumer has gone. Default false. */
  readonly autoDelete?: boolean | undefined;
  /** Used by the connection that declares it alone, and deleted with it. Default false. */
  readonly exclusive?: boolean | undefined;
  /** Deleted when it had no consumer for so long: seconds, as in Celery. Default: never. */
  readonly expires?: number | undefined;
  /** Handed to the broker as they are, such as `{ 'x-max-length': 10000 }`. */
  readonly arguments?: TopologyArguments | undefined;
}

export interface Binding {
  readonly queue: string;
  readonly exchange: string;
  /** A word pattern on topic exchanges (`*` one word, `#` any number); ignored by fanout and headers. */
  readonly routingKey: string;
  /** On headers exchanges what must be among the headers; `x-match`: `all` (default) or `any` of them. */
  readonly arguments?: TopologyArguments | undefined;
}

/** What must exist before messages flow. Declaring twice is legal. */
export interface Topology {
  readonly exchanges?: readonly Exchange[];
  readonly queues?: readonly Queue[];
  readonly bindings?: readonly Binding[];
}
