import fc from 'fast-check';
import { RingDeque } from '../../src/memory/ring-deque.js';

describe('RingDeque', () => {
  it('does what an array does', () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant('pushBack' as const),
          times: fc.integer({ min: 1, max: 40 }),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant('pushFront' as const),
          times: fc.integer({ min: 1, max: 40 }),
        }),
      },
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant('popFront' as const),
          times: fc.integer({ min: 1, max: 60 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const), times: fc.constant(1) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const deque = new RingDeque<number>();
        const array: number[] = [];
        const popped: (number | undefined)[] = [];
        const expected: (number | undefined)[] = [];
        let next = 0;
        for (const { kind, times } of steps) {
          for (let time = 0; time < times; time += 1) {
            next += 1;
            if (kind === 'pushBack') {
              deque.pushBack(next);
              array.push(next);
            } else if (kind === 'pushFront') {
              deque.pushFront(next);
              array.unshift(next);
            } else if (kind === 'popFront') {
              popped.push(deque.popFront());
              expected.push(array.shift());
            } else {
              deque.clear();
              array.length = 0;
            }
          }
          popped.push(
            deque.length,
            deque.at(0),
            deque.at(array.length - 1),
            deque.at(array.length),
            deque.at(-1),
          );
          expected.push(array.length, array[0], array.at(-1), undefined, undefined);
        }
        expect(popped).toEqual(expected);
        expect(Array.from({ length: deque.length }, (_, index) => deque.at(index))).toEqual(array);
      }),
    );
  });

  it('works on after it has held much and was emptied', () => {
    const deque = new RingDeque<number>();
    for (let round = 0; round < 3; round += 1) {
      for (let value = 0; value < 5000; value += 1) deque.pushBack(value);
      const taken = Array.from({ length: 5001 }, () => deque.popFront());
      expect(taken.slice(0, 5000)).toEqual(Array.from({ length: 5000 }, (_, value) => value));
      expect(taken[5000]).toBeUndefined();
    }
  });
});
