import type { WireMessage } from '@lovage/core';

/** What stands in an envelope beside the message. */
export interface EnvelopeParts {
  /** Unique for each publish; names the message while a consumer has it. */
  readonly tag: string;
  readonly exchange: string;
  readonly routingKey: string;
  /** How often it was handed to a consumer that counted. Default 0. */
  readonly deliveries?: number;
  /** It was handed out before. */
  readonly redelivered?: boolean;
  /** Published on a channel, while its queues have it already. */
  readonly stored?: boolean;
}

export interface Envelope extends Required<EnvelopeParts> {
  readonly message: WireMessage;
}
