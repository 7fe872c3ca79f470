import { once } from 'node:events';
import { Writable } from 'node:stream';
import { gatherWrites } from '../../src/connection/gather-writes.js';

/** A socket that notes how many chunks it was given at once. */
function notingSocket(): { readonly socket: Writable; readonly writes: readonly string[][] } {
  const writes: string[][] = [];
  const socket = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      writes.push([chunk.toString()]);
      done();
    },
    writev: (chunks, done) => {
      writes.push(chunks.map(({ chunk }) => String(chunk)));
      done();
    },
  });
  return { socket, writes };
}

describe('gathered writes', () => {
  it('writes at once what was written in one go, in its order', async () => {
    const { socket, writes } = notingSocket();
    gatherWrites(socket);
    for (const text of ['a', 'b', 'c']) socket.write(text);
    await new Promise((resolve) => setImmediate(resolve));
    socket.write('d');
    socket.end();
    await once(socket, 'finish');
    expect(writes).toEqual([['a', 'b', 'c'], ['d']]);
  });

  it('says when it has enough, and when it takes more', async () => {
    const { socket, writes } = notingSocket();
    gatherWrites(socket);
    const enough = !socket.write('x'.repeat(socket.writableHighWaterMark));
    expect(enough).toBe(true);
    await once(socket, 'drain');
    expect(writes.flat()).toHaveLength(1);
    expect(socket.writableLength).toBe(0);
  });
});
