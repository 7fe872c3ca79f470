import { describeWith, RedisCluster } from '@lovage/services';

describeWith('redis-server', 'RedisCluster', () => {
  const cluster = new RedisCluster({ password: 'secret', config: { appendonly: 'yes' } });

  beforeAll(async () => {
    await Promise.all([cluster.start(), cluster.start()]);
  });

  afterAll(async () => {
    await Promise.all([cluster.close(), cluster.close()]);
  });

  it('shares the keys among its nodes', async () => {
    const owners = await Promise.all(['a', 'b', 'c', '{a}x'].map((key) => cluster.nodeOf(key)));
    const [a, b, c, alsoA] = owners;
    expect(new Set([a, b, c]).size).toBe(3);
    expect(alsoA).toBe(a);
    await expect(a?.command('SET', 'a', 'value')).resolves.toBe('OK');
    await expect(b?.command('SET', 'a', 'value')).rejects.toMatchObject({ code: 'MOVED' });
  });

  it('is whole again when a node that was killed has started again', async () => {
    const node = await cluster.nodeOf('b');
    await node.command('SET', 'b', 'value');
    await node.kill();
    await node.start();
    await cluster.whole();
    await expect(node.command('GET', 'b')).resolves.toBe('value');
  });
});
