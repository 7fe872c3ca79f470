import { type Harness, resultsOf } from '@lovage/conformance';
import { describeWith, type RespConnection } from '@lovage/services';
import { redisHarness } from './redis-harness.js';
import { SingleServer } from './single-server.js';

describeWith('redis-server', 'the harness of the Redis driver', () => {
  const topology = new SingleServer();
  const factory = redisHarness({ topology, withinMs: 300 });
  let strays: RespConnection[];

  beforeEach(() => {
    strays = [];
  });

  afterEach(() => {
    for (const stray of strays) stray.close();
  });

  async function store(harness: Harness, taskId: string): Promise<void> {
    const results = [{ taskId, state: 'SUCCESS', document: '{"status":"SUCCESS"}' }];
    await resultsOf(harness.view).put({ results, deadline: harness.deadline() });
  }

  it('begins each case with nothing', async () => {
    const first = await factory.create();
    await store(first, 'a');
    await first.dispose();
    const second = await factory.create();
    expect(await topology.command('DBSIZE')).toBe(0);
    await second.dispose();
  });

  it('fails when a connection of a driver is left after all were closed', async () => {
    const harness = await factory.create();
    await harness.another();
    const stray = await topology.server.connect();
    strays.push(stray);
    await stray.command('CLIENT', 'SETNAME', 'lovage-stray');
    await expect(harness.dispose()).rejects.toThrow('every connection of closed drivers to end');
  });

  it('ends a process without a word', async () => {
    const harness = await factory.create();
    const other = await harness.another();
    const before = await topology.connectionNames();
    await harness.crash(other);
    await harness.eventually(
      'its connections should end',
      async () => (await topology.connectionNames()).length < before.length,
    );
    await store(harness, 'a');
    await harness.dispose();
    expect(await topology.connectionNames()).toStrictEqual([]);
  });
});
