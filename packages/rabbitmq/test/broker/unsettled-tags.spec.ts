import fc from 'fast-check';
import { UnsettledTags } from '../../src/broker/unsettled-tags.js';

describe('UnsettledTags', () => {
  it('acknowledges a run of tags with one frame', () => {
    const tags = new UnsettledTags();
    for (let tag = 1; tag <= 5; tag += 1) tags.delivered(tag);
    for (const tag of [3, 1, 2, 5]) tags.acknowledge(tag);
    expect(tags.take()).toEqual({ upTo: 3, singles: [5] });
    expect(tags.take()).toEqual({ upTo: undefined, singles: [] });
    tags.acknowledge(4);
    expect(tags.take()).toEqual({ upTo: 4, singles: [] });
    expect(tags.size).toBe(0);
  });

  it('covers each acknowledged tag once, and never one that is in hand or was given back', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.constant({ kind: 'deliver', n: 0 }),
            fc.record({ kind: fc.constantFrom('ack', 'back'), n: fc.nat({ max: 20 }) }),
            fc.constant({ kind: 'take', n: 0 }),
          ),
          { maxLength: 120 },
        ),
        (steps) => {
          const tags = new UnsettledTags();
          const inHand = new Set<number>();
          const wanted = new Set<number>();
          let last = 0;
          const apply = (): void => {
            const { upTo, singles } = tags.take();
            // As the server understands it.
            const covered = [...inHand].filter(
              (tag) => (upTo !== undefined && tag <= upTo) || singles.includes(tag),
            );
            expect(new Set(covered)).toEqual(wanted);
            for (const tag of covered) inHand.delete(tag);
            wanted.clear();
          };
          for (const { kind, n } of steps) {
            const tag = [...inHand].filter((one) => !wanted.has(one))[n];
            if (kind === 'deliver') {
              tags.delivered((last += 1));
              inHand.add(last);
            } else if (kind === 'take') apply();
            else if (tag !== undefined && kind === 'ack') {
              tags.acknowledge(tag);
              wanted.add(tag);
            } else if (tag !== undefined) {
              tags.remove(tag);
              inHand.delete(tag);
            }
          }
          apply();
          expect(tags.size).toBe(inHand.size);
        },
      ),
    );
  });
});
