import type { Deadline } from '../clock/deadline.js';
import type { Consumer, ConsumeParams, Delivery } from './consumer.js';
import type { Publication, PublishOutcome } from './publication.js';
import type { Settlement, SettleOutcome } from './settlement.js';
import type { ExchangeType, Topology } from './topology.js';

/** What a broker's technology can do. Core has the one fallback for what is false. Read once, after `open`. */
export interface BrokerCapabilities {
  /** A publication with `notBefore` waits in the broker, of any length, and survives what the broker survives. */
  readonly delayedDelivery: boolean;
  /** `settle` commits results and following messages together with the acknowledgement, when the result store has the same `storeId`. */
  readonly atomicSettle: boolean;
  /** Which priority is delivered first, where a queue holds several. */
  readonly priorityOrder: 'high-first' | 'low-first' | 'none';
  /** A consumer can ask for its queues in an order. False: a worker that wants one consumes each queue apart. */
  readonly queueOrder: boolean;
  /** Types of exchanges that can be declared; `direct`, `topic` and `fanout` are among them everywhere. */
  readonly exchangeTypes: readonly ExchangeType[];
  /** A released message is delivered next. False: it may come behind the others. */
  readonly releasesNext: boolean;
  /** Messages outlive the process that published them. */
  readonly durable: boolean;
  /**
   * Longest time in milliseconds for which the broker itself leaves a delivery in hand. For longer the driver keeps it by other means,
   * which are not as good: an outage may end them, and the task is run again although its consumer lives. Absent: as long as its consumer lives.
   */
  readonly longestHoldMs?: number;
}

/** `unroutable`: the message that was to take its place found no queue, so it stays parked. */
export type UnparkOutcome = { readonly kind: 'unparked' | 'absent' | 'unroutable' };

/**
 * What carries messages. Every call ends by its deadline or fails with a coded error; every call may be repeated after a
 * lost answer without doubling its effect, as far as the technology allows.
 */
export interface Broker {
  /** Names the store behind it. Two ports with one `storeId` share one store and can commit together. */
  readonly storeId: string;
  /** For people, without credentials, such as `redis://db.example:6379/0`. */
  readonly address: string;
  readonly capabilities: BrokerCapabilities;

  /** Connects; resolves when it can be used. Opening twice is legal. */
  open(params: { readonly deadline: Deadline }): Promise<void>;
  declare(params: { readonly topology: Topology; readonly deadline: Deadline }): Promise<void>;
  /** Resolves when each message is accepted or found unroutable, in order. */
  publish(params: {
    readonly publications: readonly Publication[];
    readonly deadline: Deadline;
  }): Promise<readonly PublishOutcome[]>;
  consume(params: ConsumeParams): Promise<Consumer>;
  /**
   * Work on deliveries begins, of messages that were delivered so often that they count only now; see `ConsumeParams.suspectFrom`.
   * Resolves when the store knows it, or the delivery is lost. Of others, and twice, it does nothing.
   */
  begin(params: { readonly deliveries: readonly Delivery[]; readonly deadline: Deadline }): Promise<void>;
  /** Ends deliveries. Outcomes in order. */
  settle(params: {
    readonly settlements: readonly Settlement[];
    readonly deadline: Deadline;
  }): Promise<readonly SettleOutcome[]>;
  /**
   * Takes the parked message of a task out of those of a queue, and publishes another one in its place. A broker that can not do both in one
   * step publishes first, so that a crash leaves the message twice and never loses it.
   *
   * @returns `absent`: there is none of this task, and nothing was published
   */
  unpark(params: {
    readonly queue: string;
    readonly taskId: string;
    /** `undefined`: it is dropped. */
    readonly publication: Publication | undefined;
    readonly deadline: Deadline;
  }): Promise<UnparkOutcome>;
  /** Deletes the messages that wait in a queue; gives their number. Deliveries in hand and delayed messages stay. */
  purge(params: { readonly queue: string; readonly deadline: Deadline }): Promise<number>;
  /** Closes all consumers and connections. Closing twice is legal. */
  close(params: { readonly deadline: Deadline }): Promise<void>;
}
