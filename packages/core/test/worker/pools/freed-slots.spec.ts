import { first, started, stop } from './pool-scene.js';

describe('the slot of a run that has left its child', () => {
  it('is offered before the end of the run is told, so that the child computes while that is written', async () => {
    const scene = await started({ concurrency: 1 });
    const ended = scene.begin();
    await scene.settle();
    const child = first(scene);
    scene.onFree = () => {
      expect(scene.outcomes.get(ended)).toEqual([]);
      if (scene.pool.free) scene.begin();
    };
    child.succeed(1, 'first');
    expect(scene.outcomes.get(ended)).toEqual([{ kind: 'succeeded', value: 'first' }]);
    expect(child.inHand).toEqual([2]);
    await stop(scene);
  });

  it('counts as taken for a drain until the end is told', async () => {
    const scene = await started({ concurrency: 1 });
    scene.begin();
    await scene.settle();
    const active: number[] = [];
    scene.onFree = () => active.push(scene.pool.active.length);
    first(scene).succeed(1);
    expect(active).toEqual([1]);
    expect(scene.pool.active).toHaveLength(0);
    await stop(scene);
  });

  it('is offered after a run that had to be alone, too', async () => {
    const scene = await started({ concurrency: 1, concurrencyPerChild: 2 });
    scene.begin(2);
    await scene.settle();
    expect(scene.pool.free).toBe(false);
    const free: boolean[] = [];
    scene.onFree = () => free.push(scene.pool.free);
    first(scene).succeed(1);
    expect(free).toEqual([true]);
    await stop(scene);
  });

  it('is not offered in a child that has had its last run', async () => {
    const scene = await started({ concurrency: 1, maxTasksPerChild: 1 });
    scene.begin();
    await scene.settle();
    const { freed } = scene;
    first(scene).succeed(1);
    expect(scene.freed).toBe(freed);
    expect(first(scene).was('end')).toBe(true);
    await stop(scene);
  });

  it('is filled at once where the child has nothing else to do; more for the same child leaves with the turn', async () => {
    const scene = await started({ concurrency: 1, concurrencyPerChild: 3 });
    for (let run = 0; run < 3; run += 1) scene.begin();
    expect(first(scene).inHand).toEqual([1]);
    await scene.settle();
    expect(first(scene).inHand).toEqual([1, 2, 3]);
    await stop(scene);
  });
});
