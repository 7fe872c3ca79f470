import fc from 'fast-check';
import { Deadline } from '../../../src/clock/deadline.js';
import { isLovageError } from '../../../src/errors/lovage-error.js';
import type { Outcome } from '../../../src/worker/outcome.js';
import type { RunControl } from '../../../src/worker/run.js';
import { LimitWatch } from '../../../src/worker/time-limits.js';
import type { FakeChild } from './fake-children.js';
import { first, runOf, sceneOf, started, stop } from './pool-scene.js';

describe('a pool of children', () => {
  it('is ready when every child has made its application', async () => {
    const scene = sceneOf({}, () => undefined);
    let ready = false;
    const starting = scene.pool.start(new AbortController().signal).then(() => {
      ready = true;
    });
    await scene.settle();
    expect(scene.pool.free).toBe(false);
    first(scene, 0).ready();
    await scene.settle();
    expect(ready).toBe(false);
    first(scene, 1).ready();
    await starting;
    expect(scene.pool.free).toBe(true);
    await stop(scene);
  });

  it('tells a start that a child can not make the application, with its reason', async () => {
    const error = {
      json: { exc_type: 'TypeError', exc_message: ['no database'], exc_module: null },
    };
    const scene = sceneOf({}, (child) => child.tell({ kind: 'unfit', error }));
    const starting = scene.pool.start(new AbortController().signal);
    const refused = expect(starting).rejects.toMatchObject({
      code: 'LOVAGE_POOL_CHILD_UNFIT',
      message: expect.stringContaining('no database'),
    });
    await scene.clock.advance(1000);
    await refused;
    await stop(scene);
  });

  it('refuses children whose application does not know the tasks of the parent', async () => {
    const scene = sceneOf({}, (child) => child.ready(['other']));
    const refused = expect(scene.pool.start(new AbortController().signal)).rejects.toMatchObject({
      message: expect.stringContaining('does not know the tasks t'),
    });
    await scene.clock.advance(1000);
    await refused;
    await stop(scene);
  });

  it('kills a child that hangs while it makes the application', async () => {
    const scene = sceneOf({ concurrency: 1 }, () => undefined);
    const refused = expect(scene.pool.start(new AbortController().signal)).rejects.toMatchObject({
      code: 'LOVAGE_POOL_CHILD_UNFIT',
      message: expect.stringContaining('not ready after 60000 ms'),
    });
    await scene.clock.advance(61_000);
    await refused;
    expect(scene.children.all[0]?.killed).toBe(true);
    await stop(scene);
  });

  it('gives up a start when a stop is asked for', async () => {
    const scene = sceneOf({}, () => undefined);
    const asked = new AbortController();
    const starting = scene.pool.start(asked.signal);
    asked.abort();
    await starting;
    await stop(scene);
    expect(scene.children.alive).toHaveLength(0);
  });

  it('gives each run to the child with the most room, and its outcome back', async () => {
    const scene = await started();
    const [one, other] = [scene.begin(), scene.begin()];
    expect(scene.pool.free).toBe(false);
    await scene.settle();
    expect(first(scene, 0).inHand).toHaveLength(1);
    expect(first(scene, 1).inHand).toHaveLength(1);
    first(scene, 1).succeed(1, 42);
    expect(scene.outcomes.get(other)).toEqual([{ kind: 'succeeded', value: 42 }]);
    expect(scene.outcomes.get(one)).toEqual([]);
    expect(scene.pool.free).toBe(true);
    await stop(scene);
  });

  it('costs the runs of a child that dies a delivery, nobody else, and replaces it', async () => {
    const scene = await started();
    const [mine, bystander] = [scene.begin(), scene.begin()];
    await scene.settle();
    const dying = first(scene, 0);
    dying.end('it exited with code 3');
    expect(scene.outcomes.get(mine)).toMatchObject([
      { kind: 'lost', error: { code: 'LOVAGE_WORKER_LOST', details: { how: 'it exited with code 3' } } },
    ]);
    expect(scene.outcomes.get(bystander)).toEqual([]);
    await scene.clock.advance(1000);
    expect(scene.children.alive).toHaveLength(2);
    expect(scene.pool.free).toBe(true);
    await stop(scene);
  });

  it('hears what a child has told before it died', async () => {
    const scene = await started({ concurrency: 1, concurrencyPerChild: 2 });
    const [one, other] = [scene.begin(), scene.begin()];
    await scene.settle();
    const child = first(scene);
    child.succeed(1, 'done');
    child.end();
    expect(scene.outcomes.get(one)).toEqual([{ kind: 'succeeded', value: 'done' }]);
    expect(scene.outcomes.get(other)).toMatchObject([{ kind: 'lost' }]);
    await stop(scene);
  });

  it('kills a run for certain: its child is told to exit, then killed, then replaced; others of the child are released', async () => {
    const scene = await started({ concurrency: 1, concurrencyPerChild: 2 });
    const [mine, bystander] = [scene.begin(), scene.begin()];
    await scene.settle();
    const child = first(scene);
    const end: Outcome = { kind: 'failed', error: new Error('too long') };
    expect(scene.pool.kill(mine, end)).toBe(true);
    expect(child.was('exit')).toBe(true);
    expect(scene.outcomes.get(mine)).toEqual([]);
    await scene.clock.advance(1000);
    expect(child.killed).toBe(true);
    expect(scene.outcomes.get(mine)).toEqual([end]);
    expect(scene.outcomes.get(bystander)).toEqual([{ kind: 'released' }]);
    expect(scene.problems).toEqual([]);
    expect(scene.children.alive).toHaveLength(1);
    await stop(scene);
  });

  it('does not kill a child for a run that is not there', async () => {
    const scene = await started();
    expect(scene.pool.kill(runOf(), { kind: 'released' })).toBe(false);
    await stop(scene);
  });

  it('replaces a child after so many tasks, when it has ended the last', async () => {
    const scene = await started({ concurrency: 1, concurrencyPerChild: 2, maxTasksPerChild: 3 });
    scene.begin();
    scene.begin();
    await scene.settle();
    const child = first(scene);
    child.succeed(1);
    scene.begin();
    expect(scene.pool.free).toBe(false);
    await scene.settle();
    child.succeed(2);
    expect(child.was('end')).toBe(false);
    child.succeed(3);
    await scene.settle();
    expect(child.was('end')).toBe(true);
    expect(scene.children.all).toHaveLength(2);
    child.end();
    expect(scene.problems).toEqual([]);
    await stop(scene);
  });

  it('replaces a child that uses too much memory', async () => {
    const scene = await started({ concurrency: 1, maxBytesPerChild: 1000 });
    scene.begin();
    await scene.settle();
    const child = first(scene);
    child.tell({ kind: 'memory', bytes: 1001 });
    expect(child.was('end')).toBe(false);
    child.succeed(1);
    expect(child.was('end')).toBe(true);
    expect(scene.problems).toEqual([]);
    await stop(scene);
  });

  it('waits longer and longer for children that can not be made any more, and tells it once', async () => {
    const scene = await started({ concurrency: 1 });
    const unfit = { json: { exc_type: 'Error', exc_message: ['broken'], exc_module: null } };
    scene.children.onLaunch = (child) => child.tell({ kind: 'unfit', error: unfit });
    first(scene).end();
    await scene.clock.advance(60_000);
    expect(scene.stuck).toBeGreaterThan(0);
    const made = scene.children.all.length;
    expect(made).toBeGreaterThan(4);
    expect(made).toBeLessThan(15);
    await scene.clock.advance(60_000);
    expect(scene.children.all.length - made).toBeLessThan(4);
    const told = (): number =>
      scene.problems.filter((error) => isLovageError(error, 'LOVAGE_POOL_CHILD_UNFIT')).length;
    expect(told()).toBe(1);
    scene.children.onLaunch = (child) => child.ready();
    await scene.clock.advance(60_000);
    expect(scene.pool.free).toBe(true);
    scene.children.onLaunch = (child) => child.tell({ kind: 'unfit', error: unfit });
    first(scene).end();
    await scene.clock.advance(60_000);
    expect(told()).toBe(2);
    await stop(scene);
  });

  it('does not make a storm of children that die as soon as they are ready', async () => {
    const scene = await started({ concurrency: 2 });
    scene.children.onLaunch = (child) => {
      child.ready();
      child.end();
    };
    for (const child of scene.children.alive) child.end();
    await scene.clock.advance(10_000);
    expect(scene.children.all.length).toBeLessThan(20);
    scene.children.onLaunch = (child) => child.ready();
    await scene.clock.advance(60_000);
    expect(scene.children.alive).toHaveLength(2);
    await stop(scene);
  });

  it('asks an idle child for a sign of life, and replaces one that hangs', async () => {
    const scene = await started({ concurrency: 1 });
    const child = first(scene);
    await scene.clock.advance(10_000);
    expect(child.was('ping')).toBe(true);
    await scene.clock.advance(60_000);
    expect(child.killed).toBe(false);
    child.silent = true;
    await scene.clock.advance(60_000);
    expect(child.killed).toBe(true);
    expect(scene.problems).toMatchObject([{ code: 'LOVAGE_POOL_CHILD_LOST' }]);
    expect(scene.stuck).toBe(0);
    expect(scene.children.alive).toHaveLength(1);
    await stop(scene);
  });

  it('does not take a busy child for one that hangs', async () => {
    const scene = await started({ concurrency: 1 });
    const run = scene.begin();
    await scene.clock.advance(3_600_000);
    expect(first(scene).killed).toBe(false);
    first(scene).succeed(1);
    expect(scene.outcomes.get(run)).toMatchObject([{ kind: 'succeeded' }]);
    await stop(scene);
  });

  it('runs a message that was lost with a child before alone in one', async () => {
    const scene = await started({ concurrency: 1, concurrencyPerChild: 3 });
    const other = scene.begin();
    await scene.settle();
    const suspect = scene.begin(2);
    expect(scene.pool.free).toBe(false);
    await scene.settle();
    const child = first(scene);
    expect(child.inHand).toEqual([1]);
    child.succeed(1);
    await scene.settle();
    expect(child.inHand).toEqual([2]);
    expect(scene.pool.free).toBe(false);
    child.end();
    expect(scene.outcomes.get(suspect)).toMatchObject([{ kind: 'lost' }]);
    expect(scene.outcomes.get(other)).toMatchObject([{ kind: 'succeeded' }]);
    await scene.clock.advance(1000);
    expect(scene.pool.free).toBe(true);
    await stop(scene);
  });

  it('ends a run that still waits to be alone', async () => {
    const scene = await started({ concurrency: 1, concurrencyPerChild: 2 });
    scene.begin();
    const suspect = scene.begin(2);
    expect(scene.pool.kill(suspect, { kind: 'revoked', reason: 'terminated' })).toBe(true);
    expect(scene.outcomes.get(suspect)).toEqual([{ kind: 'revoked', reason: 'terminated' }]);
    await stop(scene);
  });

  it('counts the time limits of a run that waits to be alone from when it begins', async () => {
    const scene = await started({ concurrency: 1, concurrencyPerChild: 2 });
    scene.begin();
    const limits: string[] = [];
    const suspect = scene.begin(2, (run) => {
      run.limits = new LimitWatch(
        scene.clock,
        { softMs: 1000, hardMs: 2000 },
        { onSoft: () => limits.push('soft'), onHard: () => limits.push('hard') },
      );
    });
    await scene.clock.advance(60_000);
    expect(limits).toEqual([]);
    first(scene).succeed(1);
    await scene.clock.advance(1999);
    expect(limits).toEqual(['soft']);
    await scene.clock.advance(1);
    expect(limits).toEqual(['soft', 'hard']);
    first(scene).succeed(2);
    expect(scene.outcomes.get(suspect)).toMatchObject([{ kind: 'succeeded' }]);
    await stop(scene);
  });

  it('does not begin a run whose message was lost while it waited to be alone', async () => {
    const scene = await started({ concurrency: 1, concurrencyPerChild: 2 });
    scene.begin();
    const [lost, next] = [scene.begin(2), scene.begin(2)];
    lost.abandoned = true;
    await scene.settle();
    first(scene).succeed(1);
    expect(scene.outcomes.get(lost)).toEqual([{ kind: 'released' }]);
    first(scene).succeed(2);
    expect(scene.outcomes.get(next)).toMatchObject([{ kind: 'succeeded' }]);
    await stop(scene);
  });

  it('grows while runs wait and shrinks when children have nothing to do', async () => {
    const scene = await started({ concurrency: 4, autoscaleFrom: 1 });
    expect(scene.children.alive).toHaveLength(1);
    expect(scene.pool.size).toBe(4);
    scene.begin();
    scene.pool.wanted(2);
    await scene.settle();
    expect(scene.children.alive).toHaveLength(3);
    scene.begin();
    scene.begin();
    scene.pool.wanted(10);
    await scene.settle();
    expect(scene.children.alive).toHaveLength(4);
    for (const child of scene.children.alive) for (const key of child.inHand) child.succeed(key);
    await scene.clock.advance(31_000);
    for (const child of scene.children.all) if (child.was('end')) child.end();
    await scene.clock.advance(31_000);
    for (const child of scene.children.all) if (child.was('end')) child.end();
    expect(scene.children.alive).toHaveLength(1);
    expect(scene.problems).toEqual([]);
    await stop(scene);
  });

  it('grows and shrinks when it is told to, and keeps one child', async () => {
    const scene = await started({ concurrency: 2 });
    expect(scene.pool.resize(2)).toBe(2);
    await scene.settle();
    expect(scene.children.alive).toHaveLength(4);
    const run = scene.begin();
    await scene.settle();
    expect(scene.pool.resize(-10)).toBe(-3);
    await scene.settle();
    const ended = scene.children.alive.filter((child) => child.was('end'));
    expect(ended).toHaveLength(3);
    for (const child of ended) child.end();
    for (const child of scene.children.alive) for (const key of child.inHand) child.succeed(key);
    expect(scene.outcomes.get(run)).toMatchObject([{ kind: 'succeeded' }]);
    expect(scene.problems).toEqual([]);
    await stop(scene);
  });

  it('passes the abort of a signal on, and states back', async () => {
    const scene = await started({ concurrency: 1 });
    const written: unknown[] = [];
    const run = runOf();
    const context: Partial<RunControl> = {
      abort: () => undefined,
      updateState: async (state, meta) => {
        written.push([state, meta]);
      },
    };
    run.context = context as RunControl;
    scene.pool.begin(
      run,
      () => undefined,
      () => undefined,
    );
    await scene.settle();
    const child = first(scene);
    child.tell({ kind: 'state', key: 1, call: 7, state: 'PROGRESS', meta: { value: { i: 1 } } });
    context.onAbort?.(new Error('enough'));
    await scene.settle();
    expect(written).toEqual([['PROGRESS', { i: 1 }]]);
    expect(child.heard).toContainEqual({ kind: 'written', call: 7 });
    expect(child.heard).toContainEqual(expect.objectContaining({ kind: 'abort', key: 1 }));
    await stop(scene);
  });

  it('kills a child whose pipe holds what it has not written', async () => {
    const scene = await started({ concurrency: 1 });
    const run = scene.begin();
    await scene.settle();
    first(scene).say('Warning: something');
    await scene.clock.advance(1000);
    expect(scene.outcomes.get(run)).toMatchObject([{ kind: 'lost' }]);
    await stop(scene);
  });

  it('ignores messages that it does not know', async () => {
    const scene = await started({ concurrency: 1 });
    const run = scene.begin();
    await scene.settle();
    first(scene).say('[{"kind":"news"},{"kind":"ended","key":99,"outcome":{"kind":"ignored"}}]');
    first(scene).succeed(1);
    expect(scene.outcomes.get(run)).toMatchObject([{ kind: 'succeeded' }]);
    await stop(scene);
  });

  it('ends idle children at a stop, and kills those that run; twice is legal', async () => {
    const scene = await started({ concurrency: 2 });
    const run = scene.begin();
    await scene.settle();
    const [busy, idle] = [first(scene, 0), first(scene, 1)];
    await stop(scene);
    await scene.pool.stop(Deadline.in(scene.clock, 0));
    expect(idle.was('end')).toBe(true);
    expect(busy.killed).toBe(true);
    expect(scene.outcomes.get(run)).toEqual([{ kind: 'released' }]);
    expect(scene.children.all).toHaveLength(2);
    expect(scene.clock.pending).toBe(0);
  });
});

type Step = 'begin' | 'again' | 'succeed' | 'die' | 'kill' | 'unfit' | 'wait' | 'grow' | 'shrink' | 'garbage';

describe('whatever happens to children', () => {
  it('every run ends exactly once', async () => {
    const step = fc.tuple(
      fc.constantFrom<Step>(
        'begin',
        'begin',
        'begin',
        'again',
        'succeed',
        'succeed',
        'die',
        'kill',
        'unfit',
        'wait',
        'grow',
        'shrink',
        'garbage',
      ),
      fc.nat(),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 3 }),
        fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
        async (steps, concurrency, concurrencyPerChild, maxTasksPerChild) => {
          let unfit = 0;
          const answer = (child: FakeChild): void => {
            if (unfit > 0) {
              unfit -= 1;
              child.tell({
                kind: 'unfit',
                error: { json: { exc_type: 'Error', exc_message: [], exc_module: null } },
              });
            } else child.ready();
          };
          const scene = await started({ concurrency, concurrencyPerChild, maxTasksPerChild }, answer);
          for (const [kind, at] of steps) {
            const { alive } = scene.children;
            const child = alive[at % Math.max(1, alive.length)];
            const runs = scene.pool.active;
            if (kind === 'begin' && scene.pool.free) scene.begin();
            else if (kind === 'again' && scene.pool.free) scene.begin(2);
            else if (kind === 'succeed') child?.inHand.slice(0, 1).forEach((key) => child.succeed(key));
            else if (kind === 'die') child?.end();
            else if (kind === 'garbage') child?.say('?');
            else if (kind === 'unfit') unfit += 1;
            else if (kind === 'grow') scene.pool.resize(1);
            else if (kind === 'shrink') scene.pool.resize(-1);
            else if (kind === 'kill') {
              const run = runs[at % Math.max(1, runs.length)];
              if (run !== undefined && !scene.pool.kill(run, { kind: 'failed', error: 'killed' })) {
                throw new Error('an active run can be killed');
              }
            }
            await scene.clock.advance(kind === 'wait' ? 40_000 : 1);
            for (const asked of scene.children.alive) if (asked.was('end')) asked.end();
          }
          // Whatever is left can go on: there are children again, and each run that was begun is ended by one.
          unfit = 0;
          for (let round = 0; round < 40 && scene.pool.active.length > 0; round += 1) {
            await scene.clock.advance(31_000);
            for (const child of scene.children.alive) {
              for (const key of child.inHand) child.succeed(key);
              if (child.was('end')) child.end();
            }
          }
          expect(scene.pool.active).toHaveLength(0);
          for (const outcomes of scene.outcomes.values()) expect(outcomes).toHaveLength(1);
          await scene.clock.advance(61_000);
          expect(scene.pool.free).toBe(true);
          await stop(scene);
          expect(scene.children.alive).toHaveLength(0);
          expect(scene.clock.pending).toBe(0);
        },
      ),
      { numRuns: 150 },
    );
  });
});
