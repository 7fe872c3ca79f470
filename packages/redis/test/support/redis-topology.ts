import type { RespText } from '@lovage/services';

/** An arrangement of Redis servers that a harness runs on: private, started once for a spec file. */
export interface RedisTopology {
  /** For the names of the suites. */
  readonly name: string;
  start(): Promise<void>;
  /** Where drivers connect to; known after `start`. */
  readonly url: string;
  /** Stands before every key. */
  readonly keyPrefix: string;
  /** Sends a command to the server that has the keys. */
  command(...args: readonly (string | number | Uint8Array)[]): Promise<RespText>;
  /** Removes everything. */
  flush(): Promise<void>;
  /** Names of the connections to any of the servers. */
  connectionNames(): Promise<readonly string[]>;
  close(): Promise<void>;
}
