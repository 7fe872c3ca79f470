import { Coalescer } from '../../src/batch/coalescer.js';
import { SystemClock } from '../../src/clock/system-clock.js';

function recorder(
  options: { maxItems?: number; maxBytes?: number; bytesOf?: (item: number) => number } = {},
) {
  const batches: number[][] = [];
  const coalescer = new Coalescer<number, number>({
    clock: new SystemClock(),
    flush: async (items) => {
      batches.push([...items]);
      await Promise.resolve();
      return items.map((item) => item * 10);
    },
    ...options,
  });
  return { batches, coalescer };
}

describe('Coalescer', () => {
  it('handles all items of one event-loop turn as one batch, and gives each its own outcome', async () => {
    const { batches, coalescer } = recorder();
    const outcomes = await Promise.all([1, 2, 3].map(async (item) => await coalescer.add(item)));
    expect(outcomes).toEqual([10, 20, 30]);
    expect(batches).toEqual([[1, 2, 3]]);
  });

  it('takes items of later microtasks of the same turn into the batch', async () => {
    const { batches, coalescer } = recorder();
    const first = coalescer.add(1);
    await Promise.resolve();
    await Promise.resolve();
    await Promise.all([first, coalescer.add(2)]);
    expect(batches).toEqual([[1, 2]]);
  });

  it('starts a new batch when the count or the bytes would be too many', async () => {
    const counted = recorder({ maxItems: 2 });
    await Promise.all([1, 2, 3].map(async (item) => await counted.coalescer.add(item)));
    expect(counted.batches).toEqual([[1, 2], [3]]);

    const sized = recorder({ maxBytes: 10, bytesOf: (item) => item });
    await Promise.all([6, 5, 50, 1].map(async (item) => await sized.coalescer.add(item)));
    expect(sized.batches).toEqual([[6], [5], [50], [1]]);
  });

  it('fails all items of a batch that fails, and goes on with the next', async () => {
    let fail = true;
    const coalescer = new Coalescer<number, number>({
      clock: new SystemClock(),
      flush: async (items) => {
        await Promise.resolve();
        if (fail) throw new Error('store away');
        return items;
      },
    });
    const outcomes = await Promise.allSettled([coalescer.add(1), coalescer.add(2)]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected']);
    fail = false;
    await expect(coalescer.add(3)).resolves.toBe(3);
    expect(coalescer.pending).toBe(0);
  });

  it('is drained when everything that was added has its outcome', async () => {
    const { coalescer, batches } = recorder();
    const done: number[] = [];
    for (const item of [1, 2]) void coalescer.add(item).then((outcome) => done.push(outcome));
    expect(coalescer.pending).toBe(2);
    await coalescer.drained();
    await Promise.resolve();
    expect(batches).toEqual([[1, 2]]);
    expect(done).toEqual([10, 20]);
    await coalescer.drained();
  });
});
