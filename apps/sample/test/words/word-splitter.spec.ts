import fc from 'fast-check';
import { WordSplitter } from '../../src/words/word-splitter.js';

function split(...pieces: readonly string[]): readonly string[] {
  const splitter = new WordSplitter();
  return [...pieces.flatMap((piece) => [...splitter.push(piece)]), ...splitter.end()];
}

describe('WordSplitter', () => {
  it.each([
    ['spaces, punctuation and line ends', 'One, two;\r\nthree!\t(four)', ['One', 'two', 'three', 'four']],
    ['apostrophes and hyphens within words', "don't l’été twenty-one", ["don't", 'l’été', 'twenty-one']],
    ['apostrophes and hyphens around words', "'quoted' - dash -- -x-", ['quoted', 'dash', 'x']],
    ['digits', 'in 2026 or 3,5', ['in', '2026', 'or', '3', '5']],
    ['letters of other scripts', 'Привет мир שלום γειά', ['Привет', 'мир', 'שלום', 'γειά']],
    ['letters outside the basic plane', '𐐷𐐨 x', ['𐐷𐐨', 'x']],
    ['emoji', 'hello 🌿 world', ['hello', 'world']],
    ['markup', '<b onclick="x()">&amp;</b>', ['b', 'onclick', 'x', 'amp', 'b']],
    ['names that objects have', '__proto__ constructor', ['proto', 'constructor']],
    ['nothing', ' \n …', []],
  ])('finds words between %s', (_what, text, words) => {
    expect(split(text)).toEqual(words);
  });

  it('finds words in scripts without spaces by a dictionary', () => {
    expect(split('我们喜欢音乐。')).toEqual(['我们', '喜欢', '音乐']);
    expect(split('ภาษาไทย')).toEqual(['ภาษา', 'ไทย']);
    expect(split('使用NestJS框架')).toEqual(['使用', 'NestJS', '框架']);
  });

  it('takes composed and decomposed letters as the same', () => {
    expect(split('e\u0301te\u0301')).toEqual(['été']);
    expect(split('e', '\u0301te\u0301')).toEqual(['été']);
  });

  it('finds the same words wherever the text is cut into pieces', () => {
    const text = fc.array(
      fc.constantFrom('don', "'", 't', '-', ' ', 'été', '𐐷', '🌿', '音乐', '。', 'e\u0301', '\n'),
    );
    fc.assert(
      fc.property(text, fc.array(fc.nat(60)), (parts, cuts) => {
        const characters = Array.from(parts.join(''));
        const ends = [
          ...cuts.filter((cut) => cut < characters.length).toSorted((a, b) => a - b),
          characters.length,
        ];
        const pieces = ends.map((end, index) =>
          characters.slice(index === 0 ? 0 : ends[index - 1], end).join(''),
        );
        expect(split(...pieces)).toEqual(split(characters.join('')));
      }),
    );
  });

  it('counts a word of any length once and does not hold it', () => {
    const letters = 'x'.repeat(10_000);
    const splitter = new WordSplitter();
    const words = [letters, letters, letters, ' next'].flatMap((piece) => [...splitter.push(piece)]);
    expect(words).toEqual([letters]);
    expect(splitter.end()).toEqual(['next']);
  });

  it('goes on in long text without spaces', () => {
    const sentence = '我们喜欢音乐'.repeat(1000);
    expect(split(sentence, sentence).length).toBeGreaterThanOrEqual(6000);
  });
});
