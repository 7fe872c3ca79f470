import { describeWith, RedisSentinel } from '@lovage/services';

describeWith('redis-server', 'RedisSentinel', () => {
  const sentinel = new RedisSentinel({ password: 'secret', config: { maxmemory: '20mb' } });

  beforeAll(async () => {
    await Promise.all([sentinel.start(), sentinel.start()]);
  });

  afterAll(async () => {
    await Promise.all([sentinel.close(), sentinel.close()]);
  });

  it('has a primary that a replica follows, and Sentinels that know it', async () => {
    const [first, second] = sentinel.servers;
    expect(sentinel.sentinels).toHaveLength(3);
    await expect(sentinel.primary()).resolves.toBe(first);
    await first?.command('SET', 'key', 'value');
    await expect(first?.command('WAIT', 1, 30_000)).resolves.toBe(1);
    await expect(second?.command('GET', 'key')).resolves.toBe('value');
    await expect(second?.command('SET', 'key', 'other')).rejects.toMatchObject({ code: 'READONLY' });
  });

  it('changes its primary, in order and when it is killed', async () => {
    const [first, second] = sentinel.servers;
    await expect(sentinel.failover()).resolves.toBe(second);
    await expect(second?.command('SET', 'key', 'other')).resolves.toBe('OK');
    await expect(sentinel.killPrimary()).resolves.toBe(first);
    expect(second?.running).toBe(false);
    await expect(first?.command('SET', 'key', 'third')).resolves.toBe('OK');
  });
});

describe('RedisSentinel without Redis', () => {
  it('says so, and may be closed before a start', async () => {
    const sentinel = new RedisSentinel({ executable: '/nowhere/redis-server' });
    await expect(sentinel.start()).rejects.toMatchObject({ code: 'PROGRAM_NOT_STARTED' });
    await sentinel.close();
    await new RedisSentinel().close();
  });
});
