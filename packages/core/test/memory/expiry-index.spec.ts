import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { ExpiryIndex } from '../../src/memory/expiry-index.js';

interface Indexed {
  readonly clock: VirtualClock;
  readonly index: ExpiryIndex<string>;
  readonly looked: string[];
}

/** @param again when to look at a key again, by key */
function indexed(again: Readonly<Record<string, number>> = {}): Indexed {
  const clock = new VirtualClock();
  const looked: string[] = [];
  const index = new ExpiryIndex<string>(clock, (key, now) => {
    looked.push(key);
    const at = again[key];
    return at !== undefined && at > now ? at : undefined;
  });
  return { clock, index, looked };
}

describe('ExpiryIndex', () => {
  it('looks at a key within a second after its time, never before', async () => {
    const { clock, index, looked } = indexed();
    index.file('a', 1500);
    await clock.advance(1499);
    expect(looked).toEqual([]);
    await clock.advance(1001);
    expect(looked).toEqual(['a']);
    expect(clock.pending).toBe(0);
  });

  it('uses one timer for all keys', () => {
    const { clock, index } = indexed();
    for (let second = 100; second > 0; second -= 1)
      for (let key = 0; key < 10; key += 1) index.file(`${second} ${key}`, second * 1000);
    expect(clock.pending).toBe(1);
  });

  it('looks at keys in the order of their times, whatever the order of filing', async () => {
    const { clock, index, looked } = indexed();
    index.file('late', 9000);
    index.file('early', 1000);
    index.file('middle', 5000);
    await clock.advance(20_000);
    expect(looked).toEqual(['early', 'middle', 'late']);
  });

  it('looks again when it is told to', async () => {
    const { clock, index, looked } = indexed({ a: 5000 });
    index.file('a', 1000);
    await clock.advance(2000);
    expect(looked).toEqual(['a']);
    await clock.advance(4000);
    expect(looked).toEqual(['a', 'a']);
    expect(clock.pending).toBe(0);
  });

  it('never looks at a key without an end, and leaves no timer after close', async () => {
    const { clock, index, looked } = indexed();
    index.file('ever', Number.POSITIVE_INFINITY);
    expect(clock.pending).toBe(0);
    index.file('a', 1000);
    index.close();
    expect(clock.pending).toBe(0);
    await clock.advance(10_000);
    expect(looked).toEqual([]);
  });
});
