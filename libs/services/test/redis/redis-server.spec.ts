import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWith, RedisServer, RespConnection, waitFor } from '@lovage/services';
import { compileServices, outsideJest } from '../process/outside-jest.js';
import { processRuns } from '../process/process-probes.js';

describeWith('redis-server', 'RedisServer', () => {
  const servers: RedisServer[] = [];

  async function started(...args: ConstructorParameters<typeof RedisServer>): Promise<RedisServer> {
    const server = new RedisServer(...args);
    servers.push(server);
    await server.start();
    return server;
  }

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  it('answers when it has started, and takes commands with their bytes', async () => {
    const redis = await started();
    expect(redis.url).toBe(`redis://127.0.0.1:${redis.port}/0`);
    await expect(redis.command('SET', 'key', Buffer.from('grün'))).resolves.toBe('OK');
    await expect(redis.command('GET', 'key')).resolves.toBe('grün');
    await expect(redis.command('GET', 'nothing')).resolves.toBeNull();
    await expect(redis.command('LPUSH', 'key', 1)).rejects.toMatchObject({ code: 'WRONGTYPE' });
    await redis.flush();
    await expect(redis.command('DBSIZE')).resolves.toBe(0);
  });

  it('starts once for many callers, and stops twice, before a start and for good', async () => {
    const redis = new RedisServer();
    await redis.stop();
    await Promise.all([redis.start(), redis.start()]);
    const { folder } = redis;
    await Promise.all([redis.stop(), redis.stop(), redis.kill()]);
    expect(redis.running).toBe(false);
    await Promise.all([redis.close(), redis.close()]);
    expect(existsSync(folder)).toBe(false);
    await expect(redis.start()).rejects.toMatchObject({ code: 'PROGRAM_STOPPED' });
  });

  it('may be closed while it starts', async () => {
    const parentFolder = mkdtempSync(join(tmpdir(), 'lovage-test-'));
    const redis = new RedisServer({ parentFolder });
    const starting = redis.start();
    await Promise.all([redis.close(), expect(starting).rejects.toMatchObject({ code: 'PROGRAM_STOPPED' })]);
    expect(readdirSync(parentFolder)).toStrictEqual([]);
    rmSync(parentFolder, { recursive: true });
  });

  it('keeps nothing over a restart, but its port', async () => {
    const redis = await started();
    const { port } = redis;
    await redis.command('SET', 'key', 'value');
    await redis.stop();
    await expect(redis.command('PING')).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    await redis.start();
    expect(redis.port).toBe(port);
    await expect(redis.command('GET', 'key')).resolves.toBeNull();
  });

  it('keeps its data over a crash with an append-only file', async () => {
    const redis = await started({ appendOnly: true });
    const { port } = redis;
    await redis.command('SET', 'key', 'value');
    await redis.kill();
    await redis.start();
    expect(redis.port).toBe(port);
    await expect(redis.command('GET', 'key')).resolves.toBe('value');
  });

  it('asks for its password', async () => {
    const redis = await started({ password: 'a "b" /c' });
    expect(redis.url).toBe(`redis://:a%20%22b%22%20%2Fc@127.0.0.1:${redis.port}/0`);
    await expect(redis.command('PING')).resolves.toBe('PONG');
    const connection = await RespConnection.open({ port: redis.port });
    await expect(connection.command('PING')).rejects.toMatchObject({ code: 'NOAUTH' });
    connection.close();
  });

  it('listens with TLS', async () => {
    const redis = await started({ tls: true, password: 'secret' });
    expect(redis.url).toBe(`rediss://:secret@127.0.0.1:${redis.port}/0`);
    const right = await RespConnection.open({ port: redis.port, ca: redis.ca ?? '', password: 'secret' });
    await expect(right.command('PING')).resolves.toBe('PONG');
    right.close();
    const plain = await RespConnection.open({ port: redis.port });
    await expect(plain.command('PING')).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    await redis.stop();
    await redis.start();
    await expect(redis.command('PING')).resolves.toBe('PONG');
  });

  it.each([
    ['of another host', { hosts: ['example.com'] }, /does not match/],
    ['that has expired', { expired: true }, /expired/],
  ])('has, if so wanted, a certificate %s', async (_, tls, why) => {
    const redis = await started({ tls });
    await expect(redis.command('PING')).resolves.toBe('PONG');
    await expect(RespConnection.open({ port: redis.port, ca: redis.ca ?? '' })).rejects.toThrow(why);
  });

  it('listens at a Unix socket', async () => {
    const redis = await started({ unixSocket: true });
    const connection = await RespConnection.open({ path: redis.socketPath });
    await expect(connection.command('PING')).resolves.toBe('PONG');
    connection.close();
  });

  it('takes directives, and shows its log when it does not like them', async () => {
    const redis = await started({ config: { maxmemory: '10mb' } });
    await expect(redis.command('CONFIG', 'GET', 'maxmemory')).resolves.toStrictEqual([
      'maxmemory',
      '10485760',
    ]);
    await expect(started({ config: { nonsense: 'yes' } })).rejects.toMatchObject({
      code: 'PROGRAM_EXITED',
      message: expect.stringContaining('nonsense'),
    });
  });

  it('lists and cuts its clients by kind', async () => {
    const redis = await started();
    const [plain, subscriber] = await Promise.all([redis.connect(), redis.connect()]);
    await plain.command('CLIENT', 'SETNAME', 'plain');
    await subscriber.command('SUBSCRIBE', 'news');
    const clients = await redis.clients();
    expect(new Map(clients.map(({ name, flags }) => [name, flags]))).toStrictEqual(
      new Map([
        ['plain', 'N'],
        ['', 'P'],
      ]),
    );
    await expect(redis.killClients('pubsub')).resolves.toBe(1);
    await waitFor(async () => (await redis.clients()).length === 1, {
      withinMs: 30_000,
      what: 'one client left',
    });
    await expect(plain.command('PING')).resolves.toBe('PONG');
    await redis.killClients();
    await expect(plain.command('PING')).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  });

  it('answers nobody while it is paused', async () => {
    const redis = await started();
    const connection = await redis.connect();
    redis.pause();
    let answered = false;
    const answer = connection.command('PING').finally(() => {
      answered = true;
    });
    // It accepts connections, or rather the kernel does.
    const other = await RespConnection.open({ port: redis.port });
    expect(answered).toBe(false);
    redis.resume();
    await expect(answer).resolves.toBe('PONG');
    await expect(other.command('PING')).resolves.toBe('PONG');
    connection.close();
    other.close();
  });

  it('can be stopped while it is paused', async () => {
    const redis = await started();
    redis.pause();
    await redis.stop();
    expect(redis.running).toBe(false);
  });

  it('starts again when somebody has its port for a moment', async () => {
    const redis = await started();
    await redis.stop();
    const intruder = await listenAt(redis.port);
    const starting = redis.start();
    await waitFor(() => redis.log.includes('Address already in use'), {
      withinMs: 30_000,
      what: 'Redis finds its port in use',
    });
    await new Promise((resolve) => {
      intruder.close(resolve);
    });
    await starting;
    await expect(redis.command('PING')).resolves.toBe('PONG');
  });

  it('is gone with its folder when the test process is killed', async () => {
    compileServices();
    const folder = mkdtempSync(join(tmpdir(), 'lovage-test-'));
    const program = outsideJest(
      `import { RedisServer } from '@lovage/services';
       const redis = new RedisServer({ parentFolder: process.argv[1] });
       await redis.start();
       console.log('redis ' + redis.pid);
       setInterval(() => undefined, 1000);`,
      [folder],
    );
    await program.start();
    const [, pid = ''] = await program.waitForLine(/^redis ([0-9]+)$/, { withinMs: 60_000 });
    expect(processRuns(Number(pid))).toBe(true);
    process.kill(program.pid, 'SIGKILL');
    await waitFor(() => !processRuns(Number(pid)), { withinMs: 30_000, what: 'Redis to be gone' });
    await waitFor(() => readdirSync(folder).length === 0, {
      withinMs: 30_000,
      what: 'its folder to be gone',
    });
    rmSync(folder, { recursive: true });
  });
});

describe('RedisServer without Redis', () => {
  it('says so', async () => {
    const redis = new RedisServer({ executable: '/nowhere/redis-server' });
    await expect(redis.start()).rejects.toMatchObject({ code: 'PROGRAM_NOT_STARTED' });
    expect(() => redis.port).toThrow('has not been started');
    await redis.close();
  });
});

async function listenAt(port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}
