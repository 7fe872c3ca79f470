import { first, started, stop } from './pool-scene.js';

/** What a decoder of AMQP tables makes of a time that no calendar has. */
const headers = { sentAt: new Date(Number.NaN) };

describe('a message that can not be handed to a child', () => {
  it('is parked, and takes neither the worker nor a slot with it', async () => {
    const scene = await started({ concurrency: 1 });
    const refused = scene.begin(1, undefined, headers);
    expect(scene.outcomes.get(refused)).toMatchObject([
      { kind: 'parked', error: { code: 'LOVAGE_VALUE_UNSERIALIZABLE' } },
    ]);
    expect(scene.pool.active).toHaveLength(0);
    expect(scene.pool.free).toBe(true);
    const next = scene.begin();
    first(scene).succeed(1);
    expect(scene.outcomes.get(next)).toMatchObject([{ kind: 'succeeded' }]);
    await stop(scene);
  });

  it('leaves the child that was kept for it alone to others', async () => {
    const scene = await started({ concurrency: 1, concurrencyPerChild: 2 });
    const refused = scene.begin(2, undefined, headers);
    expect(scene.outcomes.get(refused)).toMatchObject([{ kind: 'parked' }]);
    expect(scene.pool.room).toBe(2);
    await stop(scene);
  });
});
