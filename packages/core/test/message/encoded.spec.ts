import fc from 'fast-check';
import { encodedBytes, encodedLength, isLongerThan } from '../../src/message/encoded.js';

const anyText = fc.string({ unit: fc.oneof(fc.constantFrom('a', 'ü', '任', '🌿', '\ud800'), fc.string()) });

describe('encoded content', () => {
  it('has the same bytes as text and as bytes', () => {
    expect(encodedBytes('ü')).toEqual(Buffer.from([0xc3, 0xbc]));
    const bytes = Buffer.from('ü');
    expect(encodedBytes(bytes)).toBe(bytes);
    expect([encodedLength('ü'), encodedLength(bytes)]).toEqual([2, 2]);
  });

  it('is measured in bytes, whatever its form', () => {
    fc.assert(
      fc.property(anyText, fc.nat(60), (text, limit) => {
        const bytes = Buffer.from(text);
        expect(isLongerThan(text, limit)).toBe(bytes.length > limit);
        expect(isLongerThan(bytes, limit)).toBe(bytes.length > limit);
      }),
    );
  });
});
