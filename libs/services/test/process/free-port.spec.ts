import { once } from 'node:events';
import { createServer } from 'node:net';
import { freePort } from '@lovage/services';

describe('freePort', () => {
  it('gives a port that can be bound', async () => {
    const port = await freePort();
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    expect(port).toBeGreaterThan(1023);
  });

  it('never gives the same port twice', async () => {
    const ports = await Promise.all(Array.from({ length: 50 }, () => freePort()));
    expect(new Set(ports).size).toBe(50);
  });
});
