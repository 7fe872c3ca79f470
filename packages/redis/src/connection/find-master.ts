import { Redis, type RedisOptions } from 'ioredis';
import { type Clock, Deadline } from '@lovage/core';
import { NoAnswer } from './redis-failure.js';
import type { RedisTarget } from './redis-target.js';

/** Longest time for one node or Sentinel; then the next one is asked. */
export const askMs = 1000;

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
  clock: Clock,
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
      const asked = askForMaster(redis, keyPrefix);
      const master = await Deadline.in(clock, askMs).race(asked, () => new NoAnswer('no answer'));
      if (master !== undefined) return { host: master[0] || node.host, port: master[1] };
      failure = new NoAnswer('no node serves the slot of our keys');
    } catch (error) {
      failure ??= error;
    } finally {
      redis.disconnect();
    }
  }
  throw failure;
}

async function askForMaster(redis: Redis, keyPrefix: string): Promise<SlotRange[2] | undefined> {
  await redis.connect();
  const ranges = (await redis.call('CLUSTER', 'SLOTS')) as readonly SlotRange[];
  const slot = Number(await redis.call('CLUSTER', 'KEYSLOT', keyPrefix));
  return ranges.find(([first, last]) => slot >= first && slot <= last)?.[2];
}

/** First slot, last slot, master, replicas; each node as host, port, id. */
type SlotRange = readonly [
  first: number,
  last: number,
  master: readonly [host: string, port: number],
  ...unknown[],
];
