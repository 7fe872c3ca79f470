import fc from 'fast-check';
import { kombuExpression, topicExpression } from '../../src/broker/topic-expression.js';
import { topicMatches } from '../../src/broker/topic-match.js';

/** What AMQP says, word by word. */
function finds(pattern: readonly string[], words: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return words.length === 0;
  if (first === '#') return finds(rest, words) || (words.length > 0 && finds(pattern, words.slice(1)));
  return words.length > 0 && (first === '*' || first === words[0]) && finds(rest, words.slice(1));
}

const word = fc.constantFrom('a', 'b', 'a+b', '[x]', '(');
const pattern = fc.array(fc.oneof(word, fc.constantFrom('*', '#')), { minLength: 1, maxLength: 5 });
const key = fc.array(word, { minLength: 1, maxLength: 5 });

describe('topic expression', () => {
  it('finds what AMQP finds', () => {
    fc.assert(
      fc.property(pattern, key, (words, found) => {
        expect(new RegExp(topicExpression(words.join('.')), 's').test(found.join('.'))).toBe(
          finds(words, found),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('is found without the expression too, also in long keys', () => {
    fc.assert(
      fc.property(pattern, key, (words, found) => {
        expect(topicMatches(words.join('.'), found.join('.'))).toBe(finds(words, found));
      }),
      { numRuns: 2000 },
    );
    expect(topicMatches('#.a.#.b.#.c', `${'a.b.'.repeat(20_000)}x`)).toBe(false);
  });

  it('knows what kombu makes of the patterns of its documentation', () => {
    expect(kombuExpression('a.#')).toBe('^a\\..*?$');
    expect(kombuExpression('a.*')).toBe('^a\\..*?[^\\.]$');
  });
});
