import { RedisSentinel, type RespText } from '@lovage/services';
import type { RedisTopology } from './redis-topology.js';

/** A primary with a replica, found through Sentinels. */
export class SentinelServers implements RedisTopology {
  readonly name = 'redis, sentinel';
  readonly keyPrefix = '';
  readonly servers = new RedisSentinel({ sentinels: 3 });

  get url(): string {
    const [first, ...others] = this.servers.sentinels.map(({ host, port }) => `${host}:${port}`);
    const more = others.map((one) => `&sentinel=${one}`).join('');
    return `sentinel://${first}/0?master=${this.servers.name}${more}`;
  }

  async start(): Promise<void> {
    await this.servers.start();
  }

  async command(...args: readonly (string | number | Uint8Array)[]): Promise<RespText> {
    return await (await this.servers.primary()).command(...args);
  }

  async flush(): Promise<void> {
    await (await this.servers.primary()).flush();
  }

  async connectionNames(): Promise<readonly string[]> {
    const clients = await Promise.all(this.servers.servers.map(async (server) => await server.clients()));
    return clients.flat().map(({ name }) => name);
  }

  async close(): Promise<void> {
    await this.servers.close();
  }
}
