/** How an exchange finds its queues, as in AMQP 0-9-1. */
export type ExchangeType = 'direct' | 'topic' | 'fanout';

export interface Exchange {
  /** `''` is the default exchange: the routing key names the queue. It needs no declaration. */
  readonly name: string;
  readonly type: ExchangeType;
}

export interface Queue {
  readonly name: string;
}

export interface Binding {
  readonly queue: string;
  readonly exchange: string;
  /** A word pattern on topic exchanges (`*` one word, `#` any number); ignored by fanout. */
  readonly routingKey: string;
}

/** What must exist before messages flow. Declaring twice is legal. */
export interface Topology {
  readonly exchanges?: readonly Exchange[];
  readonly queues?: readonly Queue[];
  readonly bindings?: readonly Binding[];
}
