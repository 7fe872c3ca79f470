import { Deadline, SystemClock } from '@lovage/core';
import { ConsumerRest } from '../../src/broker/consumer-rest.js';
import type { ConsumerSurroundings } from '../../src/broker/consumer-surroundings.js';
import type { Armed } from '../../src/broker/wake-listener.js';
import { Keys } from '../../src/keys.js';

/** A rest whose questions are answered, and whose changes are told, by the test. */
class Scene {
  readonly answers: ((armed: Armed) => void)[] = [];
  roused = 0;
  change: () => void = () => undefined;
  readonly rest: ConsumerRest;

  constructor() {
    const wake = {
      unavailable: false,
      arm: async (_watched: unknown, action: () => void) => {
        this.change = action;
        return await new Promise<Armed>((resolve) => this.answers.push(resolve));
      },
      disarm: () => undefined,
    };
    const clock = new SystemClock();
    const store = { keys: new Keys(''), clock, backgroundDeadline: () => Deadline.in(clock, 1000) };
    // reason: a consumer at rest needs no more of its broker than this.
    const around = { store, wake } as unknown as ConsumerSurroundings;
    this.rest = new ConsumerRest(['q'], around, () => {
      this.roused += 1;
    });
  }

  async answer(armed: Armed): Promise<void> {
    this.answers.shift()?.(armed);
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}

const nothing: Armed = { present: false, heads: '' };
const never = Number.POSITIVE_INFINITY;

describe('the rest of a consumer', () => {
  it('takes the answer to a question that was put with the claim', async () => {
    const scene = new Scene();
    const prepared = scene.rest.prepare();
    scene.rest.begin(never, false, prepared);
    await scene.answer(nothing);
    expect([scene.rest.resting, scene.roused, scene.answers.length]).toStrictEqual([true, 0, 0]);
    scene.change();
    expect([scene.rest.resting, scene.roused]).toStrictEqual([false, 1]);
    scene.rest.close();
  });

  it('does not begin where something has changed since the question was put', async () => {
    const scene = new Scene();
    const prepared = scene.rest.prepare();
    await scene.answer(nothing);
    scene.change();
    scene.rest.begin(never, false, prepared);
    expect([scene.rest.resting, scene.roused]).toStrictEqual([false, 1]);
    scene.rest.close();
  });

  it('ends at once where something came between the claim and the question', async () => {
    const scene = new Scene();
    const prepared = scene.rest.prepare();
    scene.rest.begin(never, false, prepared);
    await scene.answer({ present: true, heads: '' });
    expect([scene.rest.resting, scene.roused]).toStrictEqual([false, 1]);
    scene.rest.close();
  });

  it('goes on while something is there that can not be taken, whatever changes meanwhile', async () => {
    const scene = new Scene();
    const prepared = scene.rest.prepare();
    scene.change();
    scene.rest.begin(never, true, prepared);
    await scene.answer({ present: true, heads: '' });
    expect([scene.rest.resting, scene.roused]).toStrictEqual([true, 0]);
    scene.rest.close();
  });

  it('asks when nobody has asked before', async () => {
    const scene = new Scene();
    scene.rest.begin(never, false, undefined);
    expect(scene.answers).toHaveLength(1);
    await scene.answer({ present: false, heads: '17' });
    expect(scene.roused).toBe(1);
    scene.rest.close();
  });
});
