import { waitFor } from '../process/wait-for.js';
import { parseInfo } from './redis-info.js';
import { RedisServer } from './redis-server.js';

export interface RedisClusterOptions {
  /** Nodes, all primaries, with an equal share of the slots. Default 3, Redis's minimum for a cluster that heals. */
  readonly nodes?: number;
  readonly password?: string;
  /** Directives for each node. */
  readonly config?: Readonly<Record<string, string>>;
  /** Default `/usr/bin/redis-server`. */
  readonly executable?: string;
}

const slotCount = 16_384;
const withinMs = 60_000;

/** A Redis Cluster of primaries, on free ports. */
export class RedisCluster {
  readonly nodes: readonly RedisServer[];
  private starting: Promise<void> | undefined;

  constructor(options: RedisClusterOptions = {}) {
    const { nodes = 3, config, ...others } = options;
    this.nodes = Array.from({ length: nodes }, () => {
      return new RedisServer({
        ...others,
        cluster: true,
        config: { 'cluster-node-timeout': '2000', ...config },
      });
    });
  }

  /** URLs of all nodes. */
  get urls(): readonly string[] {
    return this.nodes.map(({ url }) => url);
  }

  /**
   * Resolves when each node calls the cluster whole. Twice is legal.
   *
   * @throws ServiceError as {@link RedisServer.start}
   */
  async start(): Promise<void> {
    this.starting ??= this.startOnce();
    await this.starting;
  }

  /** Stops all for good. Twice, and before a start, is legal. */
  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The node that has this key. */
  async nodeOf(key: string): Promise<RedisServer> {
    const slot = Number(await this.nodes[0]?.command('CLUSTER', 'KEYSLOT', key));
    const node = this.nodes[this.indexOf(slot)];
    if (node === undefined) throw new RangeError(`no node has slot ${slot}`);
    return node;
  }

  /** Waits until each node that runs calls the cluster whole, as after a restart of one. */
  async whole(): Promise<void> {
    const running = this.nodes.filter((node) => node.running);
    await Promise.all(
      running.map(async (node) => {
        await waitFor(
          async () => {
            const info = parseInfo(String(await node.command('CLUSTER', 'INFO')));
            return (
              info['cluster_state'] === 'ok' && info['cluster_known_nodes'] === String(this.nodes.length)
            );
          },
          { withinMs, what: 'the cluster to be whole', everyMs: 50 },
        );
      }),
    );
  }

  private async startOnce(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.start()));
    for (const [index, node] of this.nodes.entries()) {
      const slots = Array.from({ length: slotCount }, (_, slot) => slot).filter(
        (slot) => this.indexOf(slot) === index,
      );
      await node.command('CLUSTER', 'ADDSLOTSRANGE', slots[0] ?? 0, slots.at(-1) ?? 0);
      // Two with the same epoch would first have to quarrel.
      await node.command('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
    }
    const [first, ...others] = this.nodes;
    for (const node of others) {
      const [, busPort = ''] = (await node.command('CONFIG', 'GET', 'cluster-port')) as string[];
      await first?.command('CLUSTER', 'MEET', '127.0.0.1', node.port, busPort);
    }
    await this.whole();
  }

  private indexOf(slot: number): number {
    return Math.floor((slot * this.nodes.length) / slotCount);
  }
}
