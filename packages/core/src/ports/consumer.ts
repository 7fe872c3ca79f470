import type { Deadline } from '../clock/deadline.js';
import type { WireMessage } from '../message/wire-message.js';

/**
 * A message handed to one consumer, to be settled by it. The object itself is the handle: give it back to `settle`
 * unchanged. Drivers keep what they need under their own fields.
 */
export interface Delivery {
  readonly message: WireMessage;
  /** The queue that it was taken from. */
  readonly queue: string;
  readonly exchange: string;
  readonly routingKey: string;
  /** How often it was handed to a consumer, this time included, as far as that counts; see `ConsumeParams.suspectFrom`. From 1. */
  readonly deliveries: number;
  /** It was handed out before, so its work may have been done in part. */
  readonly redelivered: boolean;
  /** Whether its task was found revoked when it was delivered. `undefined`: the broker can not tell, so core asks the ledger. */
  readonly revoked?: boolean | undefined;
}

export interface ConsumeParams {
  /** Random and new at every start of a process. Two consumers never share it. */
  readonly consumerId: string;
  /** Must have been declared. */
  readonly queues: readonly string[];
  /**
   * `fair` (default): every queue has its turn. `priority`: a queue only gives what fits beside the queues before it, which come first;
   * only for brokers with the capability `queueOrder`.
   */
  readonly queueOrder?: 'fair' | 'priority' | undefined;
  /** Most deliveries that the consumer holds unsettled. From 1. */
  readonly prefetch: number;
  /**
   * A message whose `deliveries` have come to this number may be the one that its consumers die of, and may be one that was only in hand
   * beside it. Such a delivery counts from `Broker.begin` on: whoever dies before, gives it back or closes leaves the number as it was.
   * From 2; absent: every delivery counts from when it is handed out.
   */
  readonly suspectFrom?: number | undefined;
  /** Takes deliveries. Must not throw and must not wait. */
  readonly onDeliveries: (deliveries: readonly Delivery[]) => void;
  /** The consumer lost its claim on deliveries (lease or connection lost): another may get them. Their settlement will be refused. */
  readonly onLost: (deliveries: readonly Delivery[]) => void;
  readonly deadline: Deadline;
}

/** A running subscription to queues. */
export interface Consumer {
  /** Changes the prefetch; takes effect for the next deliveries. */
  setPrefetch(prefetch: number): void;
  /** No more deliveries until `resume`. What is in hand stays in hand. When it resolves none is on its way any more. */
  pause(): Promise<void>;
  resume(): void;
  /** Ends it. Unsettled deliveries go back to their queues at once. Closing twice is legal. */
  close(params: { readonly deadline: Deadline }): Promise<void>;
}
