import { createServer } from 'node:net';

/** Whether a server could listen at this TCP port of 127.0.0.1 now. */
export async function portIsFree(port: number): Promise<boolean> {
  return await new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
