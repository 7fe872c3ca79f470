import fc from 'fast-check';
import { Window } from '../../src/broker/window.js';

type Step =
  | { readonly kind: 'add' | 'take' | 'giveBack' }
  | { readonly kind: 'resize'; readonly prefetch: number }
  | { readonly kind: 'end'; readonly n: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Step>({ kind: 'add' }) },
  { weight: 4, arbitrary: fc.constant<Step>({ kind: 'take' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'giveBack' }) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 6 }).map((prefetch): Step => ({ kind: 'resize', prefetch })),
  },
  { weight: 3, arbitrary: fc.nat({ max: 9 }).map((n): Step => ({ kind: 'end', n })) },
);

describe('Window', () => {
  it('never hands out beyond the prefetch, keeps the order, and loses nothing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 80 }), (first, steps) => {
        const window = new Window<number>(first);
        let prefetch = first;
        let added = 0;
        const handed: number[] = [];
        const problems: string[] = [];
        const back: number[] = [];
        const ended = new Set<number>();
        for (const one of steps) {
          if (one.kind === 'add') window.add((added += 1));
          else if (one.kind === 'giveBack') back.push(...window.giveBack());
          else if (one.kind === 'resize') window.resize((prefetch = one.prefetch));
          else if (one.kind === 'end') {
            const item = [...window.inHand][one.n];
            if (item !== undefined && window.end(item)) ended.add(item);
          } else {
            const before = window.inHand.size;
            const taken = window.take();
            if (taken.length > 0 && before + taken.length > prefetch) problems.push('beyond the prefetch');
            // A smaller prefetch lets nothing out until there is room, and room is used.
            if (window.waitingCount > 0 && window.inHand.size < prefetch) problems.push('room is left');
            handed.push(...taken);
          }
        }
        expect(problems).toEqual([]);
        expect(handed).toEqual(handed.toSorted((a, b) => a - b));
        expect(new Set(handed).size).toBe(handed.length);
        expect(handed.length + back.length + window.waitingCount).toBe(added);
        expect(window.inHand.size).toBe(handed.length - ended.size);
        expect(new Set(window.clear())).toEqual(new Set(handed.filter((item) => !ended.has(item))));
      }),
    );
  });
});
