/** Separates the parts of kombu's composite names. No queue, exchange or routing key may hold it. */
export const separator = '\u0006\u0016';

/** Priority classes of a queue, each a list of its own; 0 is served first. Kombu's default `priority_steps`. */
const prioritySteps = [0, 3, 6, 9] as const;

/** First words of keys that have another meaning than a queue of this name. */
const reserved =
  /^(unacked$|unacked_index$|unacked_mutex$|_kombu\.binding\.|celery-task(set)?-meta-|lovage:)/;

/**
 * Names of everything in the database. The first group is Celery's own; what Lovage adds stands under `lovage:` and is
 * never read by Python. The prefix (kombu's `global_keyprefix`) stands before every key and channel.
 */
export class Keys {
  /** Hash: delivery tag → `[envelope, exchange, routing key]`, of all consumers, Python's too. */
  readonly unacked: string;
  /** Sorted set: delivery tag, by the time of the delivery in seconds. */
  readonly unackedIndex: string;
  /** Set of declared queues. */
  readonly queues: string;
  /** Hash: exchange → type. */
  readonly exchanges: string;
  /** Sorted set: consumer, by the end of its lease in milliseconds. */
  readonly leases: string;
  /** Hash: consumer → its queues as a JSON array. */
  readonly consumers: string;
  /** Sorted set: revoked task id, by the time until which it is kept. */
  readonly revoked: string;
  /** Sorted set: periods with sent ids, by the time until which they are kept. */
  readonly sentPeriods: string;
  /** Channel: what the ledger tells its watchers. */
  readonly changes: string;
  /** Stream: what was told of late. */
  readonly changeLog: string;

  constructor(readonly prefix: string) {
    this.unacked = `${prefix}unacked`;
    this.unackedIndex = `${prefix}unacked_index`;
    this.queues = this.own('queues');
    this.exchanges = this.own('exchanges');
    this.leases = this.own('leases');
    this.consumers = this.own('consumers');
    this.revoked = this.own('revoked');
    this.sentPeriods = this.own('sent');
    this.changes = this.own('changes');
    this.changeLog = this.own('change-log');
  }

  /** A key that only Lovage knows. */
  own(name: string): string {
    return `${this.prefix}lovage:${name}`;
  }

  /** List of waiting messages of one priority: the head is the newest. */
  list(queue: string, step: number): string {
    return step === 0 ? `${this.prefix}${queue}` : `${this.prefix}${queue}${separator}${step}`;
  }

  /** The lists of a queue in the order in which they are served. */
  lists(queue: string): readonly string[] {
    return prioritySteps.map((step) => this.list(queue, step));
  }

  /** Set of bindings, each `routing key, pattern, queue`. */
  bindings(exchange: string): string {
    return `${this.prefix}_kombu.binding.${exchange}`;
  }

  /** Channel of a fanout exchange, with the number of the database: channels know no databases. */
  fanoutChannel(db: number, exchange: string, routingKey: string): string {
    return `${this.prefix}/${db}.${exchange}${routingKey === '' ? '' : `/${routingKey}`}`;
  }

  /** String with the result document; also the channel on which it is published. */
  result(taskId: string): string {
    return `${this.prefix}celery-task-meta-${taskId}`;
  }

  /** Keys of a group, see `celery-taskset-meta-<id>.j` and its like. */
  group(groupId: string): string {
    return `${this.prefix}celery-taskset-meta-${groupId}`;
  }

  /** Hash: what we have counted of a chord. */
  joined(groupId: string): string {
    return this.own(`joined:${groupId}`);
  }

  /** Hash of one consumer: delivery tag → score in `unacked_index`. */
  held(owner: string): string {
    return this.own(`held:${owner}`);
  }

  /** Sorted set: delayed message, by its time in milliseconds. */
  delayed(queue: string): string {
    return this.own(`delayed:${queue}`);
  }

  /** Changed when a delayed message of the queue is due earlier than all others. */
  delayedHead(queue: string): string {
    return this.own(`delayed-head:${queue}`);
  }

  /** Sorted set: parked message with its reason as JSON, by the time in milliseconds. */
  parked(queue: string): string {
    return this.own(`parked:${queue}`);
  }

  /** The task id of a result channel. */
  taskIdOf(channel: string): string {
    return channel.slice(this.prefix.length + 'celery-task-meta-'.length);
  }
}

/** The priority class of a message: the largest step that is not above it. */
export function stepOf(priority: number | undefined): number {
  const clamped = Math.min(9, Math.max(0, priority ?? 0));
  return clamped >= 9 ? 9 : clamped >= 6 ? 6 : clamped >= 3 ? 3 : 0;
}

/** What is wrong with a queue's name, if anything. */
export function problemOfName(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name.includes(separator))
    return 'it holds the characters U+0006 U+0016, with which Celery separates names';
  if (reserved.test(name)) return 'Celery or Lovage keeps something else under this key';
  return undefined;
}
