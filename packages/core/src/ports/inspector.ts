import type { Deadline } from '../clock/deadline.js';
import type { WireMessage } from '../message/wire-message.js';
import type { ParkReason } from './settlement.js';

/** Numbers of one queue. */
export interface QueueInfo {
  readonly name: string;
  /** Waiting to be delivered. */
  readonly ready: number;
  /** Waiting for their time. */
  readonly delayed: number;
  /** Handed out and not settled yet. */
  readonly unsettled: number;
  /** Taken out of the queue, see `park`. */
  readonly parked: number;
  readonly consumers: number;
}

/** Where a message stands. */
export type MessagePlace = 'ready' | 'delayed' | 'unsettled' | 'parked';

export interface InspectedMessage {
  readonly message: WireMessage;
  readonly queue: string;
  readonly place: MessagePlace;
  readonly deliveries: number;
  /** Milliseconds since 1970 UTC, of a delayed message. */
  readonly notBefore?: number | undefined;
  /** Of a parked message. */
  readonly reason?: ParkReason | undefined;
}

export interface MessagePage {
  readonly messages: readonly InspectedMessage[];
  /** Give it back to get the next page; `undefined`: this was the last one. */
  readonly cursor?: string | undefined;
}

/** Looks without changing anything; every answer is bounded. */
export interface Inspector {
  readonly storeId: string;
  /**
   * Places in which it can look. In the others it counts 0 and shows nothing: there are technologies where nobody can see what
   * waits for its time.
   */
  readonly places: readonly MessagePlace[];

  open(params: { readonly deadline: Deadline }): Promise<void>;
  /** Declared queues by name, ordered. */
  queues(params: { readonly deadline: Deadline }): Promise<readonly QueueInfo[]>;
  /** Messages of one queue in one place, in the order of delivery. At most `limit` (1 to 1,000) a page. */
  messages(params: {
    readonly queue: string;
    readonly place: MessagePlace;
    readonly limit: number;
    readonly cursor?: string | undefined;
    readonly deadline: Deadline;
  }): Promise<MessagePage>;
  close(params: { readonly deadline: Deadline }): Promise<void>;
}
