import fc from 'fast-check';

const { PROPERTY_SEED } = process.env;

describe('property tests', () => {
  it('see the same cases in every run, unless they are asked for others', () => {
    const first = fc.sample(fc.integer(), 5);
    const second = fc.sample(fc.integer(), 5);
    expect(String(first) === String(second)).toBe(PROPERTY_SEED !== 'random');
  });
});
