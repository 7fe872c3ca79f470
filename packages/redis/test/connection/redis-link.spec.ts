import { createServer as createTlsServer, type Server } from 'node:tls';
import { connect } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { type Clock, Deadline } from '@lovage/core';
import { describeWith, FaultProxy, freePort, RedisServer, waitFor } from '@lovage/services';
import { readUrl } from '../../src/connection/read-url.js';
import { RedisLink } from '../../src/connection/redis-link.js';
import { LuaScript } from '../../src/scripts/lua-script.js';
import { CountingClock } from '../support/counting-clock.js';
import { testCertificate } from '../support/test-certificate.js';

const withinMs = 20_000;

describeWith('redis-server', 'a connection that heals itself', () => {
  const redis = new RedisServer();
  const clock = new CountingClock();
  const links: RedisLink[] = [];

  beforeAll(async () => await redis.start());
  beforeEach(async () => {
    await redis.start();
    await redis.flush();
  });
  afterEach(async () => {
    for (const link of links.splice(0)) link.close();
    if (redis.running) await nothingLeft();
  });
  afterAll(async () => await redis.close());

  const linkTo = (url: string): RedisLink => {
    const link = new RedisLink({ target: readUrl(new URL(url)).target, clock, role: 'test' });
    links.push(link);
    return link;
  };
  const deadline = (ms = withinMs): Deadline => Deadline.in(clock, ms);
  const ping = async (link: RedisLink, ms?: number): Promise<string> =>
    await link.call('PING', deadline(ms), async (connection) => await connection.ping());
  const connectionId = async (link: RedisLink): Promise<number> =>
    await link.call('CLIENT ID', deadline(), async (connection) => await connection.client('ID'));

  async function nothingLeft(): Promise<void> {
    await waitFor(async () => (await redis.clients()).every(({ name }) => !name.startsWith('lovage')), {
      withinMs,
      what: 'all connections are closed',
    });
    await waitFor(() => clock.pending === 0, { withinMs, what: 'no timer is left' });
  }

  it('ends a lost connection once, however many calls were under way on it', async () => {
    const ended = jest.spyOn(Redis.prototype, 'disconnect');
    const proxy = new FaultProxy({ upstreamPort: redis.port });
    try {
      await proxy.start();
      const link = linkTo(proxy.urlOf(redis.url));
      await link.open(deadline());
      redis.pause();
      const calls = Array.from({ length: 50 }, async () => await ping(link));
      proxy.cutAll();
      redis.resume();
      expect(new Set(await Promise.all(calls))).toStrictEqual(new Set(['PONG']));
      // Each call of it leaves a listener and a timer behind.
      expect(ended.mock.contexts).toHaveLength(new Set(ended.mock.contexts).size);
      link.close();
    } finally {
      redis.resume();
      await proxy.close();
    }
  });

  it('refuses at once what another attempt would not change, without a word of the password', async () => {
    const guarded = new RedisServer({ password: 'right' });
    try {
      await guarded.start();
      const wrong = guarded.url.replace('right', 'wrong-secret');
      const error: unknown = await linkTo(wrong)
        .open(deadline())
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: 'LOVAGE_STORE_REFUSED',
        message: expect.stringContaining('Correct user and password'),
      });
      expect(JSON.stringify(error) + String(error)).not.toContain('wrong-secret');
      await expect(linkTo(guarded.url.replace(':right@', '')).open(deadline())).rejects.toMatchObject({
        code: 'LOVAGE_STORE_REFUSED',
        message: expect.stringContaining('Correct user and password'),
      });
    } finally {
      await guarded.close();
    }
  });

  it('refuses a database that the server does not have', async () => {
    await expect(linkTo(redis.urlOf(99)).open(deadline())).rejects.toMatchObject({
      code: 'LOVAGE_STORE_REFUSED',
      message: expect.stringContaining('database number'),
    });
  });

  it('tells at the deadline that nobody is there, and is there as soon as somebody is', async () => {
    const late = new RedisServer();
    try {
      await late.start();
      await late.stop();
      const link = linkTo(late.url);
      await expect(link.open(deadline(100))).rejects.toMatchObject({
        code: 'LOVAGE_STORE_UNREACHABLE',
        message: expect.stringContaining('ECONNREFUSED'),
      });
      const answer = ping(link);
      await late.start();
      await expect(answer).resolves.toBe('PONG');
    } finally {
      for (const link of links.splice(0)) link.close();
      await late.close();
    }
  });

  it('fails for a host that has no address, by the deadline', async () => {
    const link = linkTo(`redis://no-such-host.invalid:${await freePort()}`);
    await expect(link.open(deadline(200))).rejects.toMatchObject({ code: 'LOVAGE_STORE_UNREACHABLE' });
  });

  it('goes on after a restart, also with calls that came in between', async () => {
    const link = linkTo(redis.url);
    await link.open(deadline());
    await redis.kill();
    const answers = [ping(link), ping(link)];
    await expect(ping(link, 100)).rejects.toMatchObject({ code: 'LOVAGE_STORE_UNREACHABLE' });
    await redis.start();
    await expect(Promise.all(answers)).resolves.toStrictEqual(['PONG', 'PONG']);
  });

  it('fails by the deadline when the server hangs, and keeps the connection for the patient', async () => {
    const link = linkTo(redis.url);
    const id = await connectionId(link);
    redis.pause();
    const patient = connectionId(link);
    await expect(ping(link, 100)).rejects.toMatchObject({
      code: 'LOVAGE_STORE_UNREACHABLE',
      message: expect.stringContaining('no answer'),
    });
    redis.resume();
    await expect(patient).resolves.toBe(id);
  });

  it('gives a connection up that owes answers for long, however little time each call has', async () => {
    const proxy = new FaultProxy({ upstreamPort: redis.port });
    try {
      await proxy.start();
      const link = linkTo(proxy.urlOf(redis.url));
      await link.open(deadline());
      proxy.impose({ flow: 'swallow' });
      let failed = 0;
      // New connections work; the one that we have does not, and nobody tells us.
      const listening = waitFor(() => proxy.accepted > 1, { withinMs, what: 'it connects again' });
      while (proxy.accepted === 1) {
        await ping(link, 200).catch(() => (failed += 1));
        if (failed > 60) break;
      }
      await listening;
      expect(failed).toBeGreaterThan(10);
      await proxy.heal();
      await expect(ping(link)).resolves.toBe('PONG');
    } finally {
      for (const link of links.splice(0)) link.close();
      await proxy.close();
    }
  });

  it('does a call again whose request or answer was lost', async () => {
    const proxy = new FaultProxy({ upstreamPort: redis.port, protocol: 'resp' });
    try {
      await proxy.start();
      const link = linkTo(proxy.urlOf(redis.url));
      await link.open(deadline());
      const add = async (): Promise<number> =>
        await link.call('SADD', deadline(), async (connection) => await connection.sadd('key', 'member'));
      const matching = ({ command }: { readonly command: string }): boolean => command === 'SADD';
      proxy.loseRequest({ matching });
      await expect(add()).resolves.toBe(1);
      await redis.command('DEL', 'key');
      proxy.loseReply({ matching });
      await expect(add()).resolves.toBe(0);
    } finally {
      for (const link of links.splice(0)) link.close();
      await proxy.close();
    }
  });

  it('sends a script again that the server has forgotten', async () => {
    const link = linkTo(redis.url);
    const script = new LuaScript('test', "return redis.call('INCR', KEYS[1])");
    const run = async (): Promise<unknown> =>
      await link.call('test', deadline(), async (connection) => await script.run(connection, 'n', []));
    await expect(run()).resolves.toBe(1);
    await redis.command('SCRIPT', 'FLUSH', 'SYNC');
    await expect(run()).resolves.toBe(2);
    await redis.command('SCRIPT', 'FLUSH', 'SYNC');
    const bytes = link.call(
      'test',
      deadline(),
      async (connection) => await script.runBuffer(connection, 'n', []),
    );
    await expect(bytes).resolves.toBe(3);
  });

  it('waits for a master while the server is a replica', async () => {
    const link = linkTo(redis.url);
    await link.open(deadline());
    const script = new LuaScript('test', "return redis.call('INCR', KEYS[1])");
    const run = async (ms?: number): Promise<unknown> =>
      await link.call('test', deadline(ms), async (connection) => await script.run(connection, 'n', []));
    await run();
    await redis.command('REPLICAOF', '127.0.0.1', await freePort());
    try {
      await expect(run(200)).rejects.toMatchObject({
        code: 'LOVAGE_STORE_UNREACHABLE',
        message: expect.stringContaining('READONLY'),
      });
      const patient = run();
      await redis.command('REPLICAOF', 'NO', 'ONE');
      await expect(patient).resolves.toBe(2);
    } finally {
      await redis.command('REPLICAOF', 'NO', 'ONE');
    }
  });

  it('waits for a server that still loads its data', async () => {
    // A microsecond is the unit.
    const config = { 'key-load-delay': '100', 'loading-process-events-interval-bytes': '1024' };
    const slow = new RedisServer({ config, appendOnly: true });
    try {
      await slow.start();
      await slow.command('EVAL', "for n = 1, 10000 do redis.call('SET', 'key' .. n, 'value') end", 0);
      const link = linkTo(slow.url);
      await link.open(deadline());
      await slow.stop();
      const starting = slow.start();
      const size = link.call('DBSIZE', deadline(), async (connection) => await connection.dbsize());
      await expect(size).resolves.toBe(10_000);
      await starting;
    } finally {
      for (const link of links.splice(0)) link.close();
      await slow.close();
    }
  });

  it('opens and closes fifty times, also while it connects, and leaves nothing', async () => {
    const outcomes = new Set<string>();
    for (let round = 0; round < 50; round += 1) {
      const link = linkTo(redis.url);
      const opening = link.open(deadline()).then(
        () => 'open',
        (error: { readonly code: string }) => error.code,
      );
      const call = ping(link).catch((error: { readonly code: string }) => error.code);
      if (round % 3 === 0) await opening;
      // As far as the event loop gets: each round cuts at another place.
      for (let turn = 0; turn < round % 7; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      link.close();
      link.close();
      outcomes.add(await opening);
      outcomes.add(await call);
      await expect(ping(link)).rejects.toMatchObject({ code: 'LOVAGE_STORE_UNREACHABLE' });
    }
    await nothingLeft();
    expect([...outcomes].toSorted()).toStrictEqual(['LOVAGE_STORE_UNREACHABLE', 'PONG', 'open']);
  });

  it('leaves no timer when it is closed while it looks for a server', async () => {
    const link = linkTo(`redis://127.0.0.1:${await freePort()}`);
    const calls = [ping(link), ping(link)].map(async (call) => await call.catch(() => 'failed'));
    await expect(ping(link, 150)).rejects.toMatchObject({ code: 'LOVAGE_STORE_UNREACHABLE' });
    link.close();
    expect(await Promise.all(calls)).toStrictEqual(['failed', 'failed']);
    // A connection that is being made ends a little later.
    await waitFor(() => clock.pending === 0, { withinMs, what: 'no timer is left' });
    expect(clock.pending).toBe(0);
  });

  it('leaves no timer when it is closed while several calls pause before they try again', async () => {
    const proxy = new FaultProxy({ upstreamPort: redis.port });
    // Time that never passes: a pause stays a pause.
    const pending = new Map<object, number>();
    const still: Clock = {
      wallNow: () => clock.wallNow(),
      monoNow: () => clock.monoNow(),
      endOfTurn: (action) => clock.endOfTurn(action),
      keepAlive: () => clock.keepAlive(),
      after: (delayMs) => {
        const timer = { cancel: () => void pending.delete(timer) };
        pending.set(timer, delayMs);
        return timer;
      },
    };
    try {
      await proxy.start();
      const { target } = readUrl(new URL(proxy.urlOf(redis.url)));
      const link = new RedisLink({ target, clock: still, role: 'test' });
      links.push(link);
      await link.open(deadline());
      proxy.impose({ flow: 'hold' });
      const calls = [1, 2, 3].map(async () => await ping(link).catch(() => 'failed'));
      proxy.refuse();
      proxy.cutAll();
      // One for each call, and one between attempts to connect.
      await waitFor(() => [...pending.values()].filter((ms) => ms === 20).length === 4, {
        withinMs,
        what: 'all pause',
      });
      link.close();
      expect(await Promise.all(calls)).toStrictEqual(['failed', 'failed', 'failed']);
      expect([...pending.values()]).toStrictEqual([]);
    } finally {
      await proxy.close();
    }
  });

  describe('with TLS', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lovage-test-'));
    const ca = join(folder, 'ca.pem');
    let server: Server;

    beforeAll(async () => {
      writeFileSync(ca, testCertificate.cert);
      server = createTlsServer(testCertificate, (client) => {
        const upstream = connect(redis.port, '127.0.0.1');
        client.pipe(upstream).pipe(client);
        for (const socket of [client, upstream]) {
          socket.on('error', () => undefined);
          socket.on('close', () => {
            client.destroy();
            upstream.destroy();
          });
        }
      });
      await new Promise<void>((resolve) => server.listen(0, resolve));
    });
    afterAll(async () => {
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true });
    });

    const portOf = (): number => {
      const address = server.address();
      if (typeof address !== 'object' || address === null) throw new Error('it does not listen');
      return address.port;
    };

    it('reaches a server whose authority it was told', async () => {
      await expect(ping(linkTo(`rediss://localhost:${portOf()}?ssl_ca_certs=${ca}`))).resolves.toBe('PONG');
    });

    it.each([
      ['nobody vouches for', '', /self-signed certificate.*ssl_ca_certs/],
      ['is for another host', 'ssl_ca_certs', /altnames.*as its certificate does/],
    ])('refuses a server at once whose certificate %s', async (_name, parameter, message) => {
      const url = `rediss://127.0.0.1:${portOf()}${parameter === '' ? '' : `?${parameter}=${ca}`}`;
      await expect(linkTo(url).open(deadline())).rejects.toMatchObject({
        code: 'LOVAGE_STORE_REFUSED',
        message: expect.stringMatching(message),
      });
    });

    it('fails by the deadline where one side speaks no TLS', async () => {
      await expect(linkTo(`rediss://localhost:${redis.port}`).open(deadline(300))).rejects.toMatchObject({
        code: 'LOVAGE_STORE_UNREACHABLE',
      });
      await expect(linkTo(`redis://localhost:${portOf()}`).open(deadline(300))).rejects.toMatchObject({
        code: 'LOVAGE_STORE_UNREACHABLE',
      });
    });
  });
});
