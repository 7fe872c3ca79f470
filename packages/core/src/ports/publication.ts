import type { WallMs } from '../clock/clock.js';
import type { WireMessage } from '../message/wire-message.js';
import type { StoredResult } from './stored-result.js';

/** One message on its way into the broker. */
export interface Publication {
  readonly message: WireMessage;
  /** `''`: the routing key names the queue. */
  readonly exchange: string;
  readonly routingKey: string;
  /** Held back until this time. */
  readonly notBefore?: WallMs | undefined;
  /** Kept in the result store in the same step where the broker can, so that the id is known to have been sent. */
  readonly sent?: StoredResult | undefined;
}

/**
 * `accepted`: the broker has taken responsibility for it. `unroutable`: no queue is bound; the message is not kept.
 */
export type PublishOutcome = { readonly kind: 'accepted' } | { readonly kind: 'unroutable' };
