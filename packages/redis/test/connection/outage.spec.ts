import { describeWith, RedisServer, waitFor } from '@lovage/services';
import { RedisViews } from '../support/redis-views.js';

const withinMs = 30_000;

describeWith('redis-server', 'a server that is away', () => {
  const redis = new RedisServer({ appendOnly: true });
  const views = new RedisViews();
  beforeAll(async () => await redis.start());
  afterEach(() => views.close());
  afterAll(async () => await redis.close());

  it('is told of, and its return', async () => {
    await views.open(redis.url);
    const told = (): readonly string[] => views.warnings.map(({ message }) => message);
    await redis.stop();
    await waitFor(() => told().some((text) => text.includes('it can not be reached (connect ECONNREFUSED')), {
      withinMs,
      what: 'it to be told',
    });
    await redis.start();
    await waitFor(() => told().some((text) => text.includes('it can be reached again, after ')), {
      withinMs,
      what: 'its return to be told',
    });
    expect(told().filter((text) => text.includes('can be reached again'))).toHaveLength(1);
  });
});
