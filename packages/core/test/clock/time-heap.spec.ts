import fc from 'fast-check';
import { TimeHeap } from '../../src/clock/time-heap.js';

describe('TimeHeap', () => {
  it('gives the earliest first, values of one time in the order of adding, and nothing that is not due', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat({ max: 30 }), { maxLength: 20 }), { maxLength: 10 }), (rounds) => {
        const heap = new TimeHeap<number>();
        let waiting: { readonly atMs: number; readonly value: number }[] = [];
        let next = 0;
        for (const [nowMs, times] of rounds.entries()) {
          for (const time of times) {
            heap.add(time, next);
            waiting.push({ atMs: time, value: next });
            next += 1;
          }
          // Sorting is stable, so values of one time stay in their order.
          waiting = waiting.toSorted((a, b) => a.atMs - b.atMs);
          expect(heap.size).toBe(waiting.length);
          expect(heap.earliestMs).toBe(waiting[0]?.atMs);
          const due = waiting.filter(({ atMs }) => atMs <= nowMs * 3);
          waiting = waiting.slice(due.length);
          for (const { value } of due) expect(heap.takeDue(nowMs * 3)?.value).toBe(value);
          expect(heap.takeDue(nowMs * 3)).toBeUndefined();
        }
        expect([...heap].map(({ value }) => value).toSorted((a, b) => a - b)).toEqual(
          waiting.map(({ value }) => value).toSorted((a, b) => a - b),
        );
      }),
    );
  });
});
