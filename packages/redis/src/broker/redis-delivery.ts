import type { Deadline, Delivery, Settlement, WireMessage } from '@lovage/core';
import type { Envelope } from '../wire/envelope-parts.js';
import type { StayingMessage } from './publication-groups.js';
import type { Host, Stayed } from './staying.js';

/** A settlement of which messages may stay with the consumer. */
export interface KeepingSettlement {
  /** Most messages that may stay. */
  readonly most: number;
  readonly answered: Promise<unknown>;
  /** Says the same once more; it has its effect once. */
  readonly again: (deadline: Deadline) => Promise<unknown>;
  readonly read: (answer: unknown) => Stayed;
}

/** The consumer that has a delivery in hand, as the broker sees it. */
export interface DeliveryHolder {
  /** They are being settled: their places are free for what is claimed behind the settlement on the same connection. */
  ending(deliveries: Iterable<RedisDelivery>): void;
  /** Their settlement failed, so nobody knows whether it took effect. */
  unsettled(deliveries: readonly RedisDelivery[]): void;
  /** A message for one of these queues is on its way, before whatever is asked for now: who waits to be woken need not. */
  expect(queues: ReadonlySet<string>): void;
  /** With it may stay what follows its settlements, as long as it finds nothing else in its queues; `undefined`: not now. */
  readonly host: Host | undefined;
  /** Each once. */
  readonly queues: readonly string[];
  /** From this number of deliveries on they count only when they begin; `undefined`: all count. */
  readonly suspectFrom: number | undefined;
  /** Takes what stays with it. */
  keep(settling: KeepingSettlement): Promise<void>;
  /** Asks for as much as there is room for. */
  pump(): void;
}

/** A message in the hands of a consumer. */
export class RedisDelivery implements Delivery {
  readonly message: WireMessage;
  readonly exchange: string;
  readonly routingKey: string;
  readonly deliveries: number;
  readonly redelivered: boolean;
  /** It was handed to the user, not only claimed. */
  handed = false;
  /** The user was told that others may get it. */
  lost = false;
  /** Its user has said so, whether or not the store knows. */
  begun = false;

  constructor(
    envelope: Envelope,
    /** Names it in the store while it is in hand. */
    readonly tag: string,
    /** The envelope as it was written, to be given back unchanged. */
    readonly text: string,
    readonly queue: string,
    readonly consumer: DeliveryHolder,
    /** The store whose delivery it is; nobody else can settle it. */
    readonly store: object,
    /** The lease under which it was claimed; the consumer may have a new one since. */
    readonly owner: string,
    readonly revoked: false | undefined,
  ) {
    this.message = envelope.message;
    this.exchange = envelope.exchange;
    this.routingKey = envelope.routingKey;
    this.deliveries = envelope.deliveries + 1;
    this.redelivered = envelope.redelivered;
  }

  /** Whether it counts only from when it begins. */
  get isSuspect(): boolean {
    return this.deliveries >= (this.consumer.suspectFrom ?? Infinity);
  }

  /** Whether it has been delivered once more, should its consumer end without settling it. */
  get counts(): boolean {
    return this.begun || !this.isSuspect;
  }
}

/** What stayed with a consumer, as if it had claimed it. */
export function keptDelivery(
  { tag, text, queue, message }: StayingMessage,
  consumer: DeliveryHolder,
  store: object,
  owner: string,
  revoked: false | undefined,
): RedisDelivery {
  const place = { exchange: '', routingKey: queue };
  const envelope = { ...place, tag, message, deliveries: 0, redelivered: false, stored: false };
  return new RedisDelivery(envelope, tag, text, queue, consumer, store, owner, revoked);
}

export const isLost = ({ delivery }: Settlement): boolean => (delivery as RedisDelivery).lost;
