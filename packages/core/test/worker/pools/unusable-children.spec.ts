import { first, sceneOf, started, stop } from './pool-scene.js';

const pipe = 'something else was written into its pipe to the worker';

describe('a child in whose pipe something else is written', () => {
  it('ends a start with that as its reason while it makes its application', async () => {
    const scene = sceneOf({ concurrency: 1 }, (child) => child.say('Warning: something'));
    const refused = expect(scene.pool.start(new AbortController().signal)).rejects.toMatchObject({
      code: 'LOVAGE_POOL_CHILD_UNFIT',
      message: expect.stringContaining(pipe),
    });
    await scene.clock.advance(1000);
    await refused;
    await stop(scene);
  });

  it('does not lead to a storm of children', async () => {
    const scene = await started({ concurrency: 1 });
    scene.children.onLaunch = (child) => {
      child.ready();
      child.say('Warning: something');
    };
    first(scene).end();
    await scene.clock.advance(60_000);
    expect(scene.children.all.length).toBeLessThan(15);
    await stop(scene);
  });

  it('is told of with the reason, also by the task that it had', async () => {
    const scene = await started({ concurrency: 2 });
    const run = scene.begin();
    await scene.settle();
    first(scene, 0).say('?');
    first(scene, 1).say('?');
    await scene.clock.advance(1000);
    expect(scene.outcomes.get(run)).toMatchObject([{ kind: 'lost', error: { details: { how: pipe } } }]);
    expect(scene.problems).toMatchObject([{ code: 'LOVAGE_POOL_CHILD_LOST', details: { how: pipe } }]);
    await stop(scene);
  });
});

describe('a child that does not answer', () => {
  it('is told of with the reason', async () => {
    const scene = await started({ concurrency: 1 });
    first(scene).silent = true;
    await scene.clock.advance(60_000);
    expect(scene.problems).toMatchObject([
      { code: 'LOVAGE_POOL_CHILD_LOST', details: { how: 'it did not answer for 30000 ms' } },
    ]);
    await stop(scene);
  });
});
