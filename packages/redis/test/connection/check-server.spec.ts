import { type LovageEvent, TaskApp } from '@lovage/core';
import { describeWith, RedisServer, type RedisServerOptions } from '@lovage/services';
import { RedisViews } from '../support/redis-views.js';

describeWith('redis-server', 'looking at a server before it is used', () => {
  const views = new RedisViews();
  const servers: RedisServer[] = [];

  async function started(options: RedisServerOptions): Promise<RedisServer> {
    const server = new RedisServer(options);
    servers.push(server);
    await server.start();
    return server;
  }

  const open = async (url: string): Promise<void> => {
    await views.driver(url).ledger?.open({ deadline: views.deadline() });
  };
  const warned = (): readonly string[] => views.warnings.splice(0).map(({ message }) => message);

  afterEach(async () => {
    views.close();
    warned();
    await Promise.all(servers.splice(0).map(async (server) => await server.close()));
  });

  it('says nothing about a server that keeps a log', async () => {
    const redis = await started({ appendOnly: true });
    await open(redis.url);
    expect(warned()).toStrictEqual([]);
  });

  it('warns once of a server that keeps nothing', async () => {
    const redis = await started({});
    await views.open(redis.url);
    expect(warned()).toStrictEqual([expect.stringContaining('keeps nothing on disk')]);
    await redis.command('CONFIG', 'SET', 'save', '3600 1');
    await open(redis.url);
    expect(warned()).toStrictEqual([expect.stringContaining('since it last saved')]);
  });

  it('refuses a server that deletes tasks when it is full, unless that is allowed', async () => {
    const config = { maxmemory: '100mb', 'maxmemory-policy': 'allkeys-lru' };
    const redis = await started({ config, appendOnly: true });
    await expect(open(redis.url)).rejects.toMatchObject({
      code: 'LOVAGE_STORE_UNFIT',
      message: expect.stringContaining('maxmemory-policy noeviction'),
    });
    expect((await redis.clients()).filter(({ name }) => name.startsWith('lovage'))).toStrictEqual([]);
    await open(`${redis.url}?allowUnsafe=true`);
    expect(warned()).toStrictEqual([expect.stringContaining('allkeys-lru')]);
  });

  it('goes on where CONFIG is not permitted, and says so', async () => {
    const redis = await started({});
    await redis.command('ACL', 'SETUSER', 'app', 'on', '>secret', '~*', '&*', '+@all', '-config');
    await open(redis.url.replace('redis://', 'redis://app:secret@'));
    expect(warned()).toStrictEqual([expect.stringContaining('CONFIG is not permitted')]);
  });

  it('refuses a node of a cluster whose URL does not say so', async () => {
    const redis = await started({ config: { 'cluster-enabled': 'yes' }, appendOnly: true });
    await expect(open(redis.url)).rejects.toMatchObject({
      code: 'LOVAGE_STORE_UNFIT',
      message: expect.stringContaining('cluster=true'),
    });
  });

  it('refuses a replica, and warns of a master that does not need its replicas', async () => {
    const master = await started({ appendOnly: true });
    const replica = await started({ config: { replicaof: `127.0.0.1 ${master.port}` }, appendOnly: true });
    await expect(open(replica.url)).rejects.toMatchObject({
      code: 'LOVAGE_STORE_UNFIT',
      message: expect.stringContaining('replica'),
    });
    await master.command('WAIT', 1, 20_000);
    await open(master.url);
    expect(warned()).toStrictEqual([expect.stringContaining('min-replicas-to-write 1')]);
  });

  it('tells the events of an app', async () => {
    const redis = await started({});
    const app = await TaskApp.create({ broker: redis.url, worker: false });
    const events: LovageEvent[] = [];
    app.events.listen((event) => events.push(event));
    await app.start();
    await app.close();
    expect(events.filter(({ type }) => type === 'store-warning')).toStrictEqual([
      { type: 'store-warning', error: expect.objectContaining({ code: 'LOVAGE_STORE_WARNING' }) },
    ]);
  });
});
