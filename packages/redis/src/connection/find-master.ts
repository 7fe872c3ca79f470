import { Redis, type RedisOptions } from 'ioredis';
import { NoAnswer } from './redis-failure.js';
import type { RedisTarget } from './redis-target.js';

/**
 * The node of a cluster that serves our keys. All keys have one hash tag, so it is one node, and the connection to it can do
 * everything that one to a single server can: scripts, transactions, messages to listeners.
 *
 * @param options of a connection, with the credentials
 * @returns nothing where there is no cluster
 */
export async function findMaster(
  { clusterNodes, keyPrefix }: RedisTarget,
  options: RedisOptions,
): Promise<Partial<RedisOptions>> {
  if (clusterNodes.length === 0) return {};
  let failure: unknown;
  for (const node of clusterNodes) {
    const redis = new Redis({
      ...options,
      ...node,
      connectionName: 'lovage-cluster',
      replyMapping: 'legacy',
    });
    redis.on('error', (error: unknown) => {
      failure = error;
    });
    try {
      await redis.connect();
      const ranges = (await redis.call('CLUSTER', 'SLOTS')) as readonly SlotRange[];
      const slot = Number(await redis.call('CLUSTER', 'KEYSLOT', keyPrefix));
      const [, , master] = ranges.find(([first, last]) => slot >= first && slot <= last) ?? [];
      if (master !== undefined) return { host: master[0] || node.host, port: master[1] };
      failure = new NoAnswer(`no node serves slot ${slot}`);
    } catch (error) {
      failure ??= error;
    } finally {
      redis.disconnect();
    }
  }
  throw failure;
}

/** First slot, last slot, master, replicas; each node as host, port, id. */
type SlotRange = readonly [
  first: number,
  last: number,
  master: readonly [host: string, port: number],
  ...unknown[],
];
