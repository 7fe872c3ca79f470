import type { SecureContextOptions } from 'node:tls';

/** Where to connect, and as whom. */
export interface RabbitTarget {
  /** For people, without credentials: `amqp://host:5672/vhost`. */
  readonly address: string;
  readonly protocol: 'amqp' | 'amqps';
  readonly hostname: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly vhost: string;
  /** Seconds after which a silent connection is asked for a sign of life; after two of them it counts as dead. 0: never. */
  readonly heartbeatSeconds: number;
  readonly tls: Pick<SecureContextOptions, 'ca' | 'cert' | 'key'>;
}

/** What a URL says beside the address. */
export interface RabbitSettings {
  readonly target: RabbitTarget;
  /** Type of queues whose declaration does not name one. Default `classic`, as Celery declares them. */
  readonly queueType: 'classic' | 'quorum';
  /** `x-max-priority` of queues whose declaration does not say (Celery: `task_queue_max_priority`). Default: none. */
  readonly maxPriority: number | undefined;
  /** `x-delivery-limit` of quorum queues whose declaration does not say; what reaches it is parked. Default: none of ours. */
  readonly deliveryLimit: number | undefined;
  /** Type of the queues in which messages wait for their time (Celery: `broker_native_delayed_delivery_queue_type`). */
  readonly delayQueueType: 'classic' | 'quorum';
  /** What the server has as `consumer_timeout`: a delivery that is in hand for longer makes it close the channel. Default 30 min. */
  readonly consumerTimeoutMs: number;
}
