import { createServer } from 'node:net';

const given = new Set<number>();

/**
 * A TCP port on which nothing listens at 127.0.0.1, never the same twice in one process. Another process may still
 * take it before you do: a server that cannot bind must be started again with a new one.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await unusedPort();
    if (!given.has(port)) {
      given.add(port);
      return port;
    }
  }
}

async function unusedPort(): Promise<number> {
  return await new Promise<number>((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error(`no TCP address: ${address}`));
        else resolve(address.port);
      });
    });
  });
}
