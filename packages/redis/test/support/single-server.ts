import { RedisServer, type RespText } from '@lovage/services';
import type { RedisTopology } from './redis-topology.js';

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

  async command(...args: readonly (string | number | Uint8Array)[]): Promise<RespText> {
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
