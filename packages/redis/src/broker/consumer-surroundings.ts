import type { Deadline } from '@lovage/core';
import type { RedisLink } from '../connection/redis-link.js';
import type { LeaseKeeper } from '../lease/lease-keeper.js';
import type { RedisStore } from '../redis-store.js';
import type { WakeListener } from './wake-listener.js';

export interface EndedConsumer {
  readonly consumerId: string;
  /** Each once. */
  readonly queues: readonly string[];
}

/** What a consumer needs of its broker. */
export interface ConsumerSurroundings {
  readonly store: RedisStore;
  /** Claims and settlements, in this order on one connection. */
  readonly link: RedisLink;
  readonly wake: WakeListener;
  readonly leases: LeaseKeeper;
  /** Told when the consumer has ended. */
  readonly onEnd: (consumer: EndedConsumer, deadline: Deadline) => Promise<void>;
  /** Whether all of these are queues which were declared here and end with their last consumer. */
  readonly autoDeleted: (queues: readonly string[]) => boolean;
  /** Declares queues that are gone. */
  readonly declareAgain: (queues: readonly string[], deadline: Deadline) => Promise<void>;
}
