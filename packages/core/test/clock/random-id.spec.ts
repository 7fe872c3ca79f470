import { randomId } from '../../src/clock/random-id.js';

const ids = Array.from({ length: 2000 }, randomId);

describe('a random id', () => {
  it('is a UUID of version 4', () => {
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('is never the same twice', () => {
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has every digit in every place that is random', () => {
    const fixed = new Set([8, 13, 14, 18, 19, 23]);
    const places = Array.from({ length: 36 }, (_, place) => place).filter((place) => !fixed.has(place));
    const digitsIn = (place: number): number => new Set(ids.map((id) => id[place])).size;
    expect(places.map(digitsIn)).toEqual(places.map(() => 16));
    expect(digitsIn(19)).toBe(4);
  });
});
