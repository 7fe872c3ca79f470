import fc from 'fast-check';
import type { Checked } from '../../src/arguments/argument-check.js';
import { isBuiltIn, primitiveCheck } from '../../src/arguments/primitive-check.js';
import type { ParameterType } from '../../src/arguments/method-parameters.js';

const check = (type: unknown, value: unknown) => primitiveCheck(type as ParameterType)?.(value, 'x');

describe('the check of a primitive parameter', () => {
  it.each([
    [String, 'a'],
    [String, ''],
    [Number, 0],
    [Number, -1.5],
    [Boolean, false],
    [Array, []],
    [Date, new Date(0)],
    [Buffer, Buffer.from('a')],
    [Uint8Array, new Uint8Array(2)],
    [BigInt, 3n],
  ])('takes what fits %p', (type, value) => {
    expect(check(type, value)).toEqual({ value });
  });

  it.each([
    [String, 1, 'expected text, got number'],
    [Number, '1', 'expected a number, got string'],
    [Boolean, 'true', 'expected true or false, got string'],
    [Array, { length: 0 }, 'expected an array, got an object'],
    [Date, 'tomorrow', /expected a date.*got string/],
    [Date, new Date(Number.NaN), /expected a date.*got a date/],
    [Date, 1_700_000_000, /expected a date/],
    [Buffer, 'a', 'expected bytes, got string'],
    [BigInt, 1.5, 'expected an integer, got number'],
    [Number, [1], 'expected a number, got an array'],
  ])('refuses for %p what does not fit', (type, value, problem) => {
    const checked = check(type, value) as Checked;
    expect(checked.problems?.map(({ argument }) => argument)).toEqual(['x']);
    expect(checked.problems?.[0]?.problem).toMatch(problem);
  });

  it.each([
    ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T12:00:00.123456', '2026-01-31T12:00:00.123Z'],
    ['2026-01-31 12:00:00', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T12:00:00+08:00', '2026-01-31T04:00:00.000Z'],
    ['2026-01-31T12:00:00.5+0800', '2026-01-31T04:00:00.500Z'],
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
  ])('reads the time %s as Python means it', (text, expected) => {
    const checked = check(Date, text) as { readonly value: Date };
    expect(checked.value.toISOString()).toBe(expected);
  });

  it('reads every time that toISOString writes', () => {
    fc.assert(
      fc.property(
        fc.date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') }),
        (date) => {
          expect(check(Date, date.toISOString())).toEqual({ value: date });
        },
      ),
    );
  });

  it('makes bytes a Buffer and a small integer a bigint', () => {
    expect(check(Buffer, new Uint8Array([1, 2]))).toEqual({ value: Buffer.from([1, 2]) });
    expect(check(BigInt, 7)).toEqual({ value: 7n });
  });

  it('never shows a value', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6 }), (secret) => {
        expect(JSON.stringify(check(Number, `~${secret}~`))).not.toContain(`~${secret}~`);
      }),
    );
  });

  it('has nothing to say about other types', () => {
    class Dto {
      name!: string;
    }
    expect(primitiveCheck(Dto)).toBeUndefined();
    expect(isBuiltIn(Dto)).toBe(false);
    expect(isBuiltIn(Map)).toBe(true);
  });
});
