import type { ChordPart, Joined } from './chord-part.js';
import type { Delivery } from './consumer.js';
import type { Publication, PublishOutcome } from './publication.js';
import type { StoredResult } from './stored-result.js';

/**
 * How a delivery ends.
 *
 * - `ack`: done, the message is gone. A broker may say so as soon as it has told its server; `certain`, not before the server has answered,
 *   and `lost` where it has not: then a task that must not run twice may begin
 * - `requeue`: back to its queue, behind the others; counts as a delivery
 * - `release`: back to its queue, delivered next where the broker can (`releasesNext`); not the task's fault, so it does not count as a delivery
 * - `park`: out of the queue, kept with the reason where an operator sees it
 */
export type SettleVerb =
  | { readonly kind: 'ack'; readonly certain?: true }
  | { readonly kind: 'requeue'; readonly delayMs?: number | undefined }
  | { readonly kind: 'release' }
  | { readonly kind: 'park'; readonly reason: ParkReason };

/** Why a message was parked. */
export interface ParkReason {
  /** Code of the error, such as `LOVAGE_TASK_UNKNOWN`. */
  readonly code: string;
  /** One line for the operator, without payload. */
  readonly text: string;
}

/**
 * The end of a delivery with all that goes with it. A broker with `atomicSettle` commits everything or, when the delivery
 * is no longer this consumer's, nothing. Others get it in the order results, publishes, verb, from core.
 */
export interface Settlement {
  readonly delivery: Delivery;
  readonly verb: SettleVerb;
  readonly results: readonly StoredResult[];
  /** Messages that follow: next step of a chain, callbacks, the retry. Their ids are fixed before. */
  readonly publishes: readonly Publication[];
  readonly joins: readonly ChordPart[];
  /** Chords whose bodies are among `publishes`: see `ResultStore.closeChord`. */
  readonly closes?: readonly string[] | undefined;
}

/**
 * - `settled`: with the outcomes of its `publishes` and its `joins`, in order, each where it had any
 * - `complete`: a part was the last one of its chord. Results and joins took effect; publishes, closes and the verb did not, and the
 *   delivery is still the consumer's: it is settled once more, with all that follows. Should that never happen, the delivery comes
 *   again, and its part completes the chord again.
 * - `lost`: the delivery was no longer ours; nothing of the settlement took effect
 */
export type SettleOutcome =
  | {
      readonly kind: 'settled';
      readonly published?: readonly PublishOutcome[];
      readonly joined?: readonly Joined[];
    }
  | { readonly kind: 'complete'; readonly joined: readonly Joined[] }
  | { readonly kind: 'lost' };
