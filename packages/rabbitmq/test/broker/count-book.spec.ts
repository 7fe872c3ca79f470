import fc from 'fast-check';
import { CountBook } from '../../src/broker/count-book.js';
import { readCountEntry, writeCountEntry } from '../../src/broker/count-entry.js';

/** What happens to a message that was delivered. */
type End = 'dies' | 'releases' | 'never handed';

describe('notes on deliveries', () => {
  it('tell how many deliveries count and whether anybody was handed the message, whatever happened to it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom<End>('dies', 'releases', 'never handed'), { minLength: 1, maxLength: 12 }),
        (ends) => {
          const book = new CountBook();
          let [counted, handed] = [0, false];
          const seen: unknown[] = [];
          const happened: unknown[] = [];
          for (const [index, end] of ends.entries()) {
            const known = index === 0 ? undefined : book.apply(['taken', 'm']);
            seen.push(known ?? { counted: 0, handed: false });
            happened.push({ counted, handed });
            if (end === 'dies') counted += 1;
            if (end !== 'never handed') handed = true;
            if (end === 'releases') book.apply(['known', 'm', known?.counted ?? 0, 1]);
            if (end === 'never handed')
              book.apply(['known', 'm', known?.counted ?? 0, known?.handed === true ? 1 : 0]);
          }
          expect([...seen, book.apply(['taken', 'm'])]).toEqual([...happened, { counted, handed }]);
        },
      ),
    );
  });

  it('leave the number of a suspect as it was until work on it begins', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { maxLength: 12 }),
        fc.integer({ min: -1, max: 4 }),
        (begins, below) => {
          const book = new CountBook();
          // Whoever had it first has died with it.
          let counted = 1;
          for (const begun of begins) {
            expect(book.apply(['taken', 'm', below])).toEqual({ counted, handed: true });
            if (counted < below) counted += 1;
            else if (begun) {
              counted += 1;
              book.apply(['known', 'm', counted, 1]);
            }
          }
          expect(book.apply(['taken', 'm', 0])).toEqual({ counted, handed: true });
        },
      ),
    );
  });

  it('end with the message', () => {
    const book = new CountBook();
    book.apply(['taken', 'm']);
    book.apply(['gone', 'm']);
    expect(book.size).toBe(0);
  });

  it('are kept of so many messages only, of those that came back last', () => {
    const book = new CountBook(2);
    book.apply(['known', 'a', 5, 1]);
    book.apply(['known', 'b', 5, 1]);
    book.apply(['taken', 'a']);
    book.apply(['taken', 'c']);
    expect(book.size).toBe(2);
    expect(book.apply(['taken', 'a'])).toEqual({ counted: 6, handed: true });
    expect(book.apply(['taken', 'b'])).toEqual({ counted: 1, handed: true });
  });
});

describe('an entry of the log of deliveries', () => {
  it('comes back as it was written', () => {
    const entry = {
      author: 'a',
      sequence: 1,
      operations: [
        ['taken', 'm'],
        ['taken', 'm', 2],
        ['known', 'm', 2, 1],
        ['gone', 'm'],
      ],
    } as const;
    expect(readCountEntry(writeCountEntry(entry))).toEqual(entry);
  });

  it('is none where anybody else has written it', () => {
    for (const text of ['', 'null', '1', '[]', '{}', '{"author":"a","sequence":"1","operations":[]}'])
      expect(readCountEntry(Buffer.from(text))).toBeUndefined();
  });

  it('leaves out what is not known', () => {
    const operations = [
      ['moved', 'm'],
      ['known', 'm', -1, 1],
      ['known', 'm', 1, 2],
      ['taken', 1],
      'taken',
      null,
    ];
    const entry = { author: 'a', sequence: 1, operations: [...operations, ['taken', 'm']] };
    expect(readCountEntry(Buffer.from(JSON.stringify(entry)))?.operations).toEqual([['taken', 'm']]);
  });
});
