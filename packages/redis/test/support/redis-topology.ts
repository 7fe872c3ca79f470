import { RedisServer } from '@lovage/services';

type RedisText = Awaited<ReturnType<RedisServer['command']>>;

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
  command(...args: readonly (string | number | Uint8Array)[]): Promise<RedisText>;
  /** Removes everything. */
  flush(): Promise<void>;
  /** Names of the connections to any of the servers. */
  connectionNames(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** One server. */
export class SingleServer implements RedisTopology {
  readonly name = 'redis';
  readonly keyPrefix = '';
  readonly server = new RedisServer();

  get url(): string {
    return this.server.url;
  }

  async start(): Promise<void> {
    await this.server.start();
  }

  async command(...args: readonly (string | number | Uint8Array)[]): Promise<RedisText> {
    return await this.server.command(...args);
  }

  async flush(): Promise<void> {
    await this.server.flush();
  }

  async connectionNames(): Promise<readonly string[]> {
    return (await this.server.clients()).map(({ name }) => name);
  }

  async close(): Promise<void> {
    await this.server.close();
  }
}
