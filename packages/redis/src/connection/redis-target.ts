import type { RedisOptions } from 'ioredis';

/** Where to connect, and as whom. */
export interface RedisTarget {
  /** For people, without credentials. */
  readonly address: string;
  /** One server, or the master that Sentinels name. Read anew for every connection. */
  readonly options: RedisOptions;
  /** Nodes of a cluster to ask who serves our keys; empty: no cluster. */
  readonly clusterNodes: readonly { readonly host: string; readonly port: number }[];
  /** Kombu's `global_keyprefix`: stands before every key and channel. On a cluster it has the hash tag. */
  readonly keyPrefix: string;
}

/** What a URL says beside the address. */
export interface RedisSettings {
  readonly target: RedisTarget;
  /** A consumer whose process is gone gives back what it had after this time. Default 30 s. */
  readonly leaseMs: number;
  /** Kombu's `visibility_timeout`: deliveries of Python consumers are given back after it. Default 1 h. */
  readonly visibilityTimeoutMs: number;
  /** Queues that only Python workers consume: messages with an eta go there at once, as Celery sends them. */
  readonly pythonQueues: ReadonlySet<string>;
  /** Start although the server is set up so that work can be lost. */
  readonly allowUnsafe: boolean;
}
