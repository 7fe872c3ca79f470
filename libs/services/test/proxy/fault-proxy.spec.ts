import { FaultProxy, waitFor } from '@lovage/services';
import { EchoServer, RecordingClient } from './echo-server.js';

const withinMs = 30_000;

describe('FaultProxy', () => {
  let echo: EchoServer;
  let proxy: FaultProxy;
  let clients: RecordingClient[];

  beforeEach(async () => {
    clients = [];
    echo = new EchoServer();
    await echo.start();
    proxy = new FaultProxy({ upstreamPort: echo.port });
    await proxy.start();
  });

  afterEach(async () => {
    for (const { socket } of clients) socket.destroy();
    await proxy.close();
    await echo.stop();
  });

  async function client(): Promise<RecordingClient> {
    const opened = await RecordingClient.open(proxy.port);
    clients.push(opened);
    return opened;
  }

  it('passes what comes, large things too, and the end of each side', async () => {
    const one = await client();
    const text = 'x'.repeat(5_000_000);
    one.socket.write(text);
    await one.heard(text);
    expect([proxy.accepted, proxy.connections]).toStrictEqual([1, 1]);
    one.socket.end();
    await expect(one.ended).resolves.toBe('end');
    await waitFor(() => proxy.connections === 0, { withinMs, what: 'the connection to be forgotten' });
    expect(echo.sockets.map(({ destroyed }) => destroyed)).toStrictEqual([true]);
  });

  it('gives a URL that leads through it', () => {
    expect(proxy.urlOf('redis://:p%20w@localhost:6379/2?x=1')).toBe(
      `redis://:p%20w@127.0.0.1:${proxy.port}/2?x=1`,
    );
  });

  it('starts once, and closes twice and while it starts', async () => {
    const { port } = proxy;
    await Promise.all([proxy.start(), proxy.start()]);
    expect(proxy.port).toBe(port);
    await Promise.all([proxy.close(), proxy.close()]);
    await expect(proxy.start()).rejects.toMatchObject({ code: 'PROGRAM_STOPPED' });
    const other = new FaultProxy({ upstreamPort: 1 });
    const starting = other.start();
    await Promise.all([other.close(), starting.catch(() => undefined)]);
    await expect(RecordingClient.open(other.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('resets the client when nobody listens behind it', async () => {
    await echo.stop();
    const one = await client();
    await expect(one.ended).resolves.toBe('ECONNRESET');
    echo = new EchoServer();
    await echo.start();
  });

  it('silences the connections of now, and no others', async () => {
    const [one, other] = [await client(), await client()];
    await waitFor(() => proxy.connections === 2, { withinMs, what: 'both connections' });
    expect(proxy.silence()).toBe(2);
    one.socket.write('nobody hears this');
    const later = await client();
    later.socket.write('this arrives');
    await later.heard('this arrives');
    expect(echo.text).toBe('this arrives');
    await proxy.heal();
    await expect(one.ended).resolves.toBe('ECONNRESET');
    other.socket.destroy();
  });

  it('refuses new connections and keeps the old ones, until it heals', async () => {
    const one = await client();
    proxy.refuse();
    await expect(client()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    one.socket.write('still');
    await one.heard('still');
    const { port } = proxy;
    await proxy.heal();
    expect(proxy.port).toBe(port);
    const two = await client();
    two.socket.write('again');
    await two.heard('again');
  });

  it('resets all connections at both ends', async () => {
    const all = await Promise.all([client(), client()]);
    await waitFor(() => echo.sockets.length === 2, { withinMs, what: 'both to arrive' });
    const ends = echo.sockets.map(async (socket) => {
      return await new Promise((resolve) => {
        socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
      });
    });
    expect(proxy.cutAll()).toBe(2);
    await expect(Promise.all(all.map(({ ended }) => ended))).resolves.toStrictEqual([
      'ECONNRESET',
      'ECONNRESET',
    ]);
    await expect(Promise.all(ends)).resolves.toStrictEqual(['ECONNRESET', 'ECONNRESET']);
    expect(echo.text).toBe('');
  });

  it('swallows both ways, keeps open, and resets when it heals', async () => {
    const one = await client();
    one.socket.write('before');
    await one.heard('before');
    proxy.impose({ flow: 'swallow' });
    one.socket.write('lost');
    echo.sockets[0]?.write('lost too');
    // What passes a calm connection meanwhile has come later than what is lost.
    await passBesides();
    expect([one.text, echo.text]).toStrictEqual(['before', 'before']);
    expect([one.socket.destroyed, echo.sockets[0]?.destroyed]).toStrictEqual([false, false]);
    await proxy.heal();
    await expect(one.ended).resolves.toBe('ECONNRESET');
  });

  it('does not tell the server of a client that left while it swallowed', async () => {
    const one = await client();
    one.socket.write('x');
    await one.heard('x');
    proxy.impose({ flow: 'swallow' });
    one.socket.destroy();
    await one.ended;
    await passBesides();
    expect(echo.sockets[0]?.destroyed).toBe(false);
    expect(proxy.cutAll()).toBe(1);
  });

  it('loses one direction only', async () => {
    const one = await client();
    proxy.impose({ flow: 'swallow' }, 'to-client');
    one.socket.write('heard there');
    await waitFor(() => echo.text === 'heard there', { withinMs, what: 'the server to hear it' });
    await passBesides();
    expect(one.text).toBe('');
    await proxy.heal();
    await expect(one.ended).resolves.toBe('ECONNRESET');
  });

  it('holds what comes, and lets it arrive when it heals', async () => {
    const one = await client();
    one.socket.write('a');
    await one.heard('a');
    proxy.impose({ flow: 'hold' });
    one.socket.write('b');
    await passBesides();
    expect(echo.text).toBe('a');
    await proxy.heal();
    await one.heard('ab');
  });

  it('lets no byte overtake another, whatever the jitter', async () => {
    const random = [0.9, 0.1, 0.5, 0, 0.7];
    let turn = 0;
    const jittery = new FaultProxy({
      upstreamPort: echo.port,
      random: () => random[turn++ % random.length] ?? 0,
    });
    await jittery.start();
    jittery.impose({ delayMs: 5, jitterMs: 20 });
    const one = await RecordingClient.open(jittery.port);
    clients.push(one);
    const words = Array.from({ length: 50 }, (_, index) => `${index} `);
    for (const word of words) {
      one.socket.write(word);
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    await one.heard(words.join(''));
    expect(one.text).toBe(words.join(''));
    await jittery.close();
  });

  it('delivers byte by byte', async () => {
    proxy.impose({ fragmentBytes: 1 });
    const one = await client();
    one.socket.write('abcdefghij');
    await one.heard('abcdefghij');
    expect(echo.pieces.length).toBeGreaterThan(5);
    expect(one.pieces.length).toBeGreaterThan(5);
  });

  it('knows requests of Redis only where it is told so', () => {
    expect(() => proxy.loseReply()).toThrow("protocol: 'resp'");
    expect(() => proxy.onRequest(() => undefined)).toThrow("protocol: 'resp'");
  });

  it('says so when something goes through that is not RESP', async () => {
    const strict = new FaultProxy({ upstreamPort: echo.port, protocol: 'resp' });
    await strict.start();
    const one = await RecordingClient.open(strict.port);
    clients.push(one);
    one.socket.write('\x16\x03\x01\r\n');
    await expect(one.ended).resolves.toBe('ECONNRESET');
    await expect(strict.close()).rejects.toMatchObject({ code: 'NOT_UNDERSTOOD' });
    await strict.close();
  });

  /** Waits for a whole way there and back beside the proxy, in the same event loop. */
  async function passBesides(): Promise<void> {
    const besides = new EchoServer();
    await besides.start();
    const direct = await RecordingClient.open(besides.port);
    direct.socket.write('ping');
    await direct.heard('ping');
    direct.socket.destroy();
    await besides.stop();
  }
});
