import fc from 'fast-check';
import { knownDeliveries, notesGivenBack, notesInHand, notesUnseen } from '../../src/broker/count-notes.js';

/** What happens to a message that was delivered. */
type End = 'dies' | 'releases' | 'never handed';

describe('notes on deliveries', () => {
  it('tell how many deliveries count and whether anybody was handed the message, whatever happened to it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom<End>('dies', 'releases', 'never handed'), { maxLength: 12 }),
        (ends) => {
          let notes = 0;
          let [counted, handed] = [0, false];
          const seen: unknown[] = [];
          const happened: unknown[] = [];
          for (const [index, end] of ends.entries()) {
            const first = index === 0;
            const before = notes;
            if (!first) {
              seen.push(knownDeliveries(notes));
              happened.push({ counted, handed });
              notes = notesInHand(notes);
            }
            const inHand = first ? undefined : notes;
            if (end === 'dies') {
              counted += 1;
              handed = true;
            } else if (end === 'releases') {
              notes = notesGivenBack(inHand);
              handed = true;
            } else notes = notesUnseen(first ? undefined : before);
          }
          expect(seen).toEqual(happened);
          expect(ends.length === 0 ? { counted, handed } : knownDeliveries(notes)).toEqual({
            counted,
            handed,
          });
        },
      ),
    );
  });
});
