import type { Writable } from 'node:stream';

/**
 * Makes one write to the socket of all frames that are written in one go. The client library writes each message by itself, and each
 * would be a system call here, a packet on the way and a wake-up of the server.
 */
export function gatherWrites(socket: Pick<Writable, 'write' | 'cork' | 'uncork'>): void {
  const write = socket.write.bind(socket) as (...args: readonly unknown[]) => boolean;
  let gathering = false;
  const end = (): void => {
    gathering = false;
    socket.uncork();
  };
  socket.write = (...args: readonly unknown[]) => {
    if (!gathering) {
      gathering = true;
      socket.cork();
      process.nextTick(end);
    }
    return write(...args);
  };
}
