import fc from 'fast-check';
import { plainJson } from '../../src/http/plain-json.js';

describe('a value for an HTTP answer', () => {
  it('leaves what JSON has as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(plainJson(value)).toEqual(value);
      }),
    );
  });

  it('makes text of bytes and of integers that JSON has not', () => {
    const value = {
      big: 2n ** 60n,
      list: [Buffer.from('a'), new Uint8Array([1]), { deep: 1n }],
      at: new Date(0),
    };
    expect(JSON.parse(JSON.stringify(plainJson(value)))).toEqual({
      big: '1152921504606846976',
      list: ['YQ==', 'AQ==', { deep: '1' }],
      at: '1970-01-01T00:00:00.000Z',
    });
  });

  it('does not fall for a key that names the prototype', () => {
    const value: unknown = JSON.parse('{"__proto__": {"admin": true}}');
    const plain = plainJson(value) as { readonly admin?: boolean };
    expect(plain.admin).toBeUndefined();
    expect(Object.getPrototypeOf(plain)).toBe(Object.prototype);
  });
});
