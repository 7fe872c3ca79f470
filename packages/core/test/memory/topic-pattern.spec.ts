import fc from 'fast-check';
import { matchesTopic } from '../../src/memory/topic-pattern.js';

/** The definition, word by word. */
function matches(pattern: readonly string[], words: readonly string[]): boolean {
  const [part, ...rest] = pattern;
  if (part === undefined) return words.length === 0;
  if (part === '#') return matches(rest, words) || (words.length > 0 && matches(pattern, words.slice(1)));
  return words.length > 0 && (part === '*' || part === words[0]) && matches(rest, words.slice(1));
}

describe('matchesTopic', () => {
  it('follows the definition', () => {
    const pattern = fc.array(fc.constantFrom('a', 'b', '*', '#'), { maxLength: 6 });
    const words = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 6 });
    fc.assert(
      fc.property(pattern, words, (parts, key) => {
        expect(matchesTopic(parts.join('.'), key.join('.'))).toBe(matches(parts, key));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['', '', true],
    ['#', '', true],
    ['*', '', false],
    ['', 'a', false],
    ['a..b', 'a..b', true],
    ['a.*.b', 'a..b', true],
    ['a.b.', 'a.b', false],
    ['A', 'a', false],
  ])('finds that "%s" and "%s" match: %s', (pattern, routingKey, expected) => {
    expect(matchesTopic(pattern, routingKey)).toBe(expected);
  });

  it('needs no more steps for a hostile pattern than for another', () => {
    const pattern = `${'#.'.repeat(500)}x`;
    expect(matchesTopic(pattern, 'a.'.repeat(500))).toBe(false);
  });
});
