import { defineError } from './define-error.js';

export const STORE_CLOSED = defineError<{
  readonly port: string;
  readonly operation: string;
  readonly address: string;
  readonly state: 'not open yet' | 'closed';
}>(
  'LOVAGE_STORE_CLOSED',
  'A broker, result store, ledger or inspector was used before it was opened or after it was closed.',
  (d) =>
    `${d.operation} was asked of the ${d.port} ${d.address}, which is ${d.state}. ` +
    (d.state === 'closed' ? 'Nothing happened; make a new one.' : 'Nothing happened; open it first.'),
);

export const QUEUE_UNDECLARED = defineError<{ readonly queue: string; readonly operation: string }>(
  'LOVAGE_QUEUE_UNDECLARED',
  'A queue was consumed, bound, purged or inspected that has not been declared.',
  (d) =>
    `${d.operation}: the queue "${d.queue}" has not been declared. Declare it first, or correct its name.`,
);

export const EXCHANGE_UNDECLARED = defineError<{ readonly exchange: string; readonly queue: string }>(
  'LOVAGE_EXCHANGE_UNDECLARED',
  'A queue was bound to an exchange that has not been declared.',
  (d) =>
    `cannot bind the queue "${d.queue}": the exchange "${d.exchange}" has not been declared. Declare it first, or correct its name.`,
);

export const TOPOLOGY_CONFLICT = defineError<{ readonly exchange: string; readonly problem: string }>(
  'LOVAGE_TOPOLOGY_CONFLICT',
  'A declaration contradicts what has been declared before.',
  (d) =>
    `exchange "${d.exchange}": ${d.problem}. Make the declarations of all programs agree, or use another name.`,
);

export const CONSUMER_DUPLICATE = defineError<{ readonly consumerId: string }>(
  'LOVAGE_CONSUMER_DUPLICATE',
  'Two consumers use one consumer id.',
  (d) => `a consumer with the id "${d.consumerId}" is running. Give each consumer a new random id.`,
);

export const DELIVERY_FOREIGN = defineError<{ readonly queue: string; readonly address: string }>(
  'LOVAGE_DELIVERY_FOREIGN',
  'A delivery was given to a broker that has not made it.',
  (d) =>
    `a delivery of the queue "${d.queue}" was not made by the broker ${d.address}; nothing was settled. ` +
    'Give back the very object that the consumer was handed.',
);

export const PUBLICATION_UNROUTABLE = defineError<{ readonly exchange: string; readonly routingKey: string }>(
  'LOVAGE_PUBLICATION_UNROUTABLE',
  'The message of a tick has no queue to go to.',
  (d) =>
    `no queue is bound for exchange "${d.exchange}" and routing key "${d.routingKey}"; nothing was recorded. ` +
    'Declare the queue, or correct the route.',
);

export const storeErrors = [
  STORE_CLOSED,
  QUEUE_UNDECLARED,
  EXCHANGE_UNDECLARED,
  TOPOLOGY_CONFLICT,
  CONSUMER_DUPLICATE,
  DELIVERY_FOREIGN,
  PUBLICATION_UNROUTABLE,
];
