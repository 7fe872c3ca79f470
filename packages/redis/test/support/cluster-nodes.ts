import { RedisCluster, type RespText } from '@lovage/services';
import type { RedisTopology } from './redis-topology.js';

/** A Redis Cluster. Its first node is seldom the one that has the keys. */
export class ClusterNodes implements RedisTopology {
  readonly name = 'redis, cluster';
  readonly keyPrefix = '{lovage}:';
  readonly cluster = new RedisCluster();

  get url(): string {
    const [first, ...others] = this.cluster.urls;
    const more = others.map((url) => `&node=${new URL(url).host}`).join('');
    return `${first}?cluster=true${more}`;
  }

  async start(): Promise<void> {
    await this.cluster.start();
  }

  async command(...args: readonly (string | number | Uint8Array)[]): Promise<RespText> {
    return await (await this.cluster.nodeOf(this.keyPrefix)).command(...args);
  }

  async flush(): Promise<void> {
    for (const node of this.cluster.nodes) await node.flush();
  }

  async connectionNames(): Promise<readonly string[]> {
    const clients = await Promise.all(this.cluster.nodes.map(async (node) => await node.clients()));
    return clients.flat().map(({ name }) => name);
  }

  async close(): Promise<void> {
    await this.cluster.close();
  }
}
