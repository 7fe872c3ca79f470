import fc from 'fast-check';
import { readAnyEnvelope, writeEnvelope } from '../../src/wire/envelope.js';
import { readPlainEnvelope } from '../../src/wire/plain-envelope.js';
import { plainCall } from '../support/plain-call.js';

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', 'math.add', '"', '\\', '\u0001'),
);
const plainText = text.filter((value) => JSON.stringify(value) === `"${value}"`);
const parts = fc.record({ tag: plainText, exchange: plainText, routingKey: plainText });

describe('readPlainEnvelope', () => {
  it('reads what the client writes for a plain call, as JSON reads it', () => {
    fc.assert(
      fc.property(
        parts,
        fc.array(fc.oneof(fc.integer(), fc.boolean())),
        fc.option(fc.nat({ max: 9 })),
        fc.option(fc.record({ group: plainText, groupIndex: fc.nat({ max: 999_999_999 }) })),
        (place, args, priority, member) => {
          const call = plainCall({ args, ...(priority !== null && { priority }), ...member });
          const envelope = writeEnvelope(call, place);
          const read = readPlainEnvelope(envelope);
          expect(read).toBeDefined();
          expect({ envelope: read }).toEqual(readAnyEnvelope(envelope));
          expect(Object.keys(read?.message.headers ?? {})).toEqual(
            Object.keys(readAnyEnvelope(envelope).envelope?.message.headers ?? {}),
          );
        },
      ),
    );
  });

  it.each([
    ['a call', {}],
    ['a member of a group', { group: 'g', groupIndex: 10 }],
  ])('leaves every envelope of %s to JSON that it would read in another way', (_what, fields) => {
    const whole = writeEnvelope(plainCall({ args: [1, 2], ...fields }), {
      tag: 'tag',
      exchange: '',
      routingKey: 'celery',
    });
    const change = fc.record({
      at: fc.nat({ max: whole.length }),
      deleted: fc.nat({ max: 3 }),
      inserted: fc.oneof(
        fc.string({ maxLength: 3 }),
        fc.constantFrom('"', '\\', '\\u0041', '\n', '}', ',', 'null', '='),
      ),
    });
    fc.assert(
      fc.property(change, ({ at, deleted, inserted }) => {
        const envelope = whole.slice(0, at) + inserted + whole.slice(at + deleted);
        const read = readPlainEnvelope(envelope);
        expect(read === undefined ? readAnyEnvelope(envelope) : { envelope: read }).toEqual(
          readAnyEnvelope(envelope),
        );
      }),
      { numRuns: 1500 },
    );
  });

  it('leaves calls with more to JSON', () => {
    const place = { tag: 'tag', exchange: '', routingKey: 'celery' };
    const later = writeEnvelope(plainCall({ eta: new Date(0) }), place);
    const again = writeEnvelope(plainCall({}), { ...place, deliveries: 1 });
    const quoted = writeEnvelope(plainCall({ args: ['"'] }), place);
    expect([later, again, quoted].map(readPlainEnvelope)).toEqual([undefined, undefined, undefined]);
  });
});
