import {
  describeWith,
  FaultProxy,
  RedisServer,
  RespConnection,
  type RespText,
  waitFor,
} from '@lovage/services';

const withinMs = 30_000;
const lost = { code: 'CONNECTION_LOST' };

describeWith('redis-server', 'FaultProxy before Redis', () => {
  let redis: RedisServer;
  let proxy: FaultProxy;
  const connections: RespConnection[] = [];

  beforeAll(async () => {
    redis = new RedisServer();
    await redis.start();
  });

  afterAll(async () => {
    await redis.close();
  });

  beforeEach(async () => {
    await redis.flush();
    proxy = new FaultProxy({ upstreamPort: redis.port, protocol: 'resp' });
    await proxy.start();
  });

  afterEach(async () => {
    for (const connection of connections.splice(0)) connection.close();
    await proxy.close();
  });

  async function connect(answerWithinMs?: number): Promise<RespConnection> {
    const connection = await RespConnection.open({
      port: proxy.port,
      ...(answerWithinMs === undefined ? {} : { answerWithinMs }),
    });
    connections.push(connection);
    return connection;
  }

  async function count(): Promise<RespText> {
    return await redis.command('GET', 'count');
  }

  it('counts requests, by command too', async () => {
    const connection = await connect();
    const commands: string[] = [];
    const unsubscribe = proxy.onRequest(({ command, args }) => commands.push([command, ...args].join(' ')));
    await connection.command('set', 'key', 'value');
    await connection.command('GET', 'key');
    unsubscribe();
    await connection.command('GET', 'key');
    expect(commands).toStrictEqual(['SET key value', 'GET key']);
    expect([proxy.seen(), proxy.seen('GET'), proxy.seen('DEL')]).toStrictEqual([3, 2, 0]);
  });

  it('loses the reply to a request that was executed', async () => {
    const connection = await connect();
    const fault = proxy.loseReply({ nth: 2, matching: ({ command }) => command === 'INCR' });
    await connection.command('PING');
    await expect(connection.command('INCR', 'count')).resolves.toBe(1);
    expect(fault.hasFired).toBe(false);
    await expect(connection.command('INCR', 'count')).rejects.toMatchObject(lost);
    await expect(fault.fired).resolves.toMatchObject({ command: 'INCR', args: ['count'] });
    await expect(count()).resolves.toBe('2');
    // Once only, and for this connection only.
    await expect((await connect()).command('INCR', 'count')).resolves.toBe(3);
  });

  it('loses a request before the server has it', async () => {
    const connection = await connect();
    const fault = proxy.loseRequest({ matching: ({ bytes }) => bytes.includes('count') });
    await connection.command('SET', 'other', 1);
    await expect(connection.command('INCR', 'count')).rejects.toMatchObject(lost);
    expect(fault.hasFired).toBe(true);
    await expect(count()).resolves.toBeNull();
  });

  it.each([
    // The fourth had reached the server in one piece with the third.
    ['loseReply', '4'],
    ['loseRequest', '2'],
  ] as const)(
    '%s in a pipeline: those before are answered, those after are not',
    async (method, executed) => {
      const connection = await connect();
      proxy[method]({ nth: 3 });
      const answers = [1, 2, 3, 4].map(async () => await connection.command('INCR', 'count'));
      const outcomes = await Promise.allSettled(answers);
      expect(outcomes.map(({ status }) => status)).toStrictEqual([
        'fulfilled',
        'fulfilled',
        'rejected',
        'rejected',
      ]);
      await expect(count()).resolves.toBe(executed);
    },
  );

  it('leaves the connection open where it is to hang', async () => {
    const connection = await connect(200);
    proxy.loseReply({ outcome: 'hang' });
    await expect(connection.command('INCR', 'count')).rejects.toMatchObject({ code: 'WAITED_IN_VAIN' });
    await expect(count()).resolves.toBe('1');
    // The client has left; the server has not been told.
    expect(proxy.connections).toBe(1);
    await proxy.heal();
    await waitFor(() => proxy.connections === 0, { withinMs, what: 'the connection to be reset' });
  });

  it('gives a request to one of two faults, and the next request to the other', async () => {
    const faults = [proxy.loseRequest({ nth: 2 }), proxy.loseReply({ nth: 2 })];
    await expect((await connect()).command('INCR', 'count')).resolves.toBe(1);
    await expect((await connect()).command('INCR', 'count')).rejects.toMatchObject(lost);
    expect(faults.map(({ hasFired }) => hasFired)).toStrictEqual([true, false]);
    await expect((await connect()).command('INCR', 'count')).rejects.toMatchObject(lost);
    await expect(count()).resolves.toBe('2');
  });

  it('loses the reply to a subscriber', async () => {
    const connection = await connect();
    await connection.command('SUBSCRIBE', 'a');
    proxy.loseReply({ matching: ({ command }) => command === 'UNSUBSCRIBE' });
    await expect(connection.command('UNSUBSCRIBE', 'a')).rejects.toMatchObject(lost);
  });

  it('forgets its faults when it heals', async () => {
    const connection = await connect();
    const fault = proxy.loseReply({ nth: 2 });
    await connection.command('PING');
    await proxy.heal();
    await expect(connection.command('PING')).resolves.toBe('PONG');
    expect(fault.hasFired).toBe(false);
  });

  it('keeps requests whole in pieces of one byte', async () => {
    proxy.impose({ fragmentBytes: 1 });
    const connection = await connect();
    const answers = Array.from({ length: 20 }, async () => await connection.command('INCR', 'count'));
    await expect(Promise.all(answers)).resolves.toStrictEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
  });

  it('is cut by a server that is killed', async () => {
    const connection = await connect();
    await redis.kill();
    await expect(connection.command('PING')).rejects.toMatchObject(lost);
    await redis.start();
    await expect((await connect()).command('PING')).resolves.toBe('PONG');
  });
});
