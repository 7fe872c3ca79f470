import { createServer, type Server, type Socket } from 'node:net';
import { describeWith, RedisCluster, RedisSentinel } from '@lovage/services';
import { RedisViews } from '../support/redis-views.js';

jest.setTimeout(120_000);

/** Somebody who accepts every connection and never says a word. */
class SilentServer {
  private readonly sockets = new Set<Socket>();
  private readonly server: Server = createServer((socket) => {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : '';
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

describeWith('redis-server', 'finding the server that has our keys', () => {
  const views = new RedisViews();
  const silent = new SilentServer();
  let silence: string;

  beforeAll(async () => {
    silence = await silent.start();
  });
  afterEach(() => views.close());
  afterAll(async () => await silent.close());

  describe('by Sentinels', () => {
    const arrangement = new RedisSentinel();

    beforeAll(async () => await arrangement.start());
    afterAll(async () => await arrangement.close());

    const url = (first?: string): string => {
      const [one, ...others] = [
        ...(first === undefined ? [] : [first]),
        ...arrangement.sentinels.map(({ host, port }) => `${host}:${port}`),
      ];
      const more = others.map((sentinel) => `&sentinel=${sentinel}`).join('');
      return `sentinel://${one}/0?master=${arrangement.name}${more}`;
    };

    it('finds the master, also when the first Sentinel hangs or is not there', async () => {
      const deadline = views.deadline();
      for (const first of [undefined, silence, '127.0.0.1:1']) {
        const { ledger } = views.driver(url(first));
        await ledger?.open({ deadline });
        await ledger?.revoke({
          revocations: [{ taskId: String(first), terminate: false }],
          ttlMs: 60_000,
          deadline,
        });
      }
      const primary = await arrangement.primary();
      expect(await primary.command('ZCARD', 'lovage:revoked')).toBe(3);
    });

    it('goes on with the new master after a failover', async () => {
      const { ledger } = await views.open(url());
      const deadline = views.deadline(60_000);
      const acquire = async () => await ledger?.acquire({ name: 'n', owner: 'a', ttlMs: 60_000, deadline });
      expect(await acquire()).toMatchObject({ kind: 'acquired' });
      const successor = await arrangement.killPrimary();
      expect(await acquire()).toMatchObject({ kind: 'acquired' });
      expect(await successor.command('EXISTS', 'lovage:lease:n')).toBe(1);
    });
  });

  describe('in a cluster', () => {
    const cluster = new RedisCluster();

    beforeAll(async () => await cluster.start());
    afterAll(async () => await cluster.close());

    it('finds the node of the prefix, whichever is asked, also when the first hangs or is not there', async () => {
      const deadline = views.deadline();
      const addresses = cluster.urls.map((url) => new URL(url).host);
      const node = await cluster.nodeOf('{app}:lovage:revoked');
      for (const first of [...addresses, silence, '127.0.0.1:1']) {
        const others = addresses.map((address) => `&node=${address}`).join('');
        const url = `redis://${first}?cluster=true&keyPrefix=${encodeURIComponent('{app}:')}${others}`;
        const { ledger } = views.driver(url);
        await ledger?.open({ deadline });
        await ledger?.revoke({ revocations: [{ taskId: first, terminate: false }], ttlMs: 60_000, deadline });
      }
      expect(await node.command('ZCARD', '{app}:lovage:revoked')).toBe(5);
    });
  });
});
