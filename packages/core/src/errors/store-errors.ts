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

export const STORE_UNREACHABLE = defineError<{
  readonly address: string;
  readonly operation: string;
  readonly problem: string;
}>(
  'LOVAGE_STORE_UNREACHABLE',
  'A store on the network did not answer in time, or the connection to it was lost.',
  (d) =>
    `${d.operation}: ${d.address} could not be reached in time (${d.problem}). ` +
    'Check that the server runs and can be reached from here. A call may have taken effect; sent again with the same id it is recognised.',
);

export const STORE_REFUSED = defineError<{
  readonly address: string;
  readonly operation: string;
  readonly answer: string;
  readonly advice: string;
}>(
  'LOVAGE_STORE_REFUSED',
  'A store answered with an error: a wrong password, a missing permission, no memory left.',
  (d) => `${d.operation}: ${d.address} refused it: ${d.answer}. ${d.advice}`,
);

export const STORE_BLOCKED = defineError<{
  readonly address: string;
  readonly operation: string;
  readonly reason: string;
}>(
  'LOVAGE_STORE_BLOCKED',
  'A broker takes no publications for now, since it has run out of memory or disk.',
  (d) =>
    `${d.operation}: ${d.address} takes no publications for now (${d.reason}). ` +
    'Let workers take what waits, or give the server more memory or disk; it goes on by itself then.',
);

export const QUEUE_CONFLICT = defineError<{ readonly queue: string; readonly problem: string }>(
  'LOVAGE_QUEUE_CONFLICT',
  'A queue exists with other arguments than those of its declaration.',
  (d) =>
    `queue "${d.queue}": ${d.problem}. Declare it with the arguments that it has, in all programs; ` +
    'or delete it once it is empty and declare it anew; or use another name.',
);

export const STORE_UNFIT = defineError<{
  readonly address: string;
  readonly found: string;
  readonly advice: string;
}>(
  'LOVAGE_STORE_UNFIT',
  'A store is set up so that work would be lost, or is too old.',
  (d) => `${d.address} can not be used: ${d.found}. ${d.advice}`,
);

export const STORE_WARNING = defineError<{
  readonly address: string;
  readonly found: string;
  readonly advice: string;
}>(
  'LOVAGE_STORE_WARNING',
  'A store works, but is set up so that work may be lost; told, not thrown.',
  (d) => `${d.address}: ${d.found}. ${d.advice}`,
);

export const STORE_DAMAGED = defineError<{
  readonly address: string;
  readonly key: string;
  readonly found: string;
  readonly expected: string;
}>(
  'LOVAGE_STORE_DAMAGED',
  'A place in a store holds something that Lovage can not have put there.',
  (d) =>
    `${d.address}: the key "${d.key}" holds ${d.found}, expected ${d.expected}. ` +
    'Another program uses this key: move one of the two to another database or key prefix, then delete the key.',
);

export const storeErrors = [
  STORE_CLOSED,
  QUEUE_UNDECLARED,
  EXCHANGE_UNDECLARED,
  TOPOLOGY_CONFLICT,
  CONSUMER_DUPLICATE,
  DELIVERY_FOREIGN,
  STORE_UNREACHABLE,
  STORE_REFUSED,
  STORE_BLOCKED,
  QUEUE_CONFLICT,
  STORE_UNFIT,
  STORE_WARNING,
  STORE_DAMAGED,
];
