import { WordCounter } from '../../src/words/word-counter.js';

function countOf(words: readonly string[], options?: ConstructorParameters<typeof WordCounter>[0]) {
  const counter = new WordCounter(options);
  for (const word of words) counter.add(word);
  return counter.result();
}

describe('WordCounter', () => {
  it('counts words, different words, and the most frequent ones', () => {
    expect(countOf(['The', 'cat', 'the', 'dog', 'THE', 'dog'])).toEqual({
      words: 6,
      distinct: 3,
      complete: true,
      top: [
        { word: 'the', count: 3 },
        { word: 'dog', count: 2 },
        { word: 'cat', count: 1 },
      ],
    });
  });

  it('counts nothing in nothing', () => {
    expect(countOf([])).toEqual({ words: 0, distinct: 0, complete: true, top: [] });
  });

  it('gives of equally frequent words those that came first, and no more than asked for', () => {
    const { top } = countOf(['d', 'a', 'c', 'b', 'b'], { topLength: 3 });
    expect(top.map(({ word }) => word)).toEqual(['b', 'd', 'a']);
  });

  it('keeps a bounded number of different words, goes on counting, and says so', () => {
    expect(countOf(['a', 'b', 'c', 'd', 'a', 'c'], { mostDistinct: 2 })).toEqual({
      words: 6,
      distinct: 2,
      complete: false,
      top: [
        { word: 'a', count: 2 },
        { word: 'b', count: 1 },
      ],
    });
  });

  it('adds up what others have counted as if it had counted all itself', () => {
    const words = ['The', 'cat', 'the', 'dog', 'a', 'Cat', 'THE'];
    for (const mostDistinct of [2, 3, 10]) {
      for (let cut = 0; cut <= words.length; cut += 1) {
        const [one, other, sum] = [new WordCounter(), new WordCounter(), new WordCounter({ mostDistinct })];
        for (const word of words.slice(0, cut)) one.add(word);
        for (const word of words.slice(cut)) other.add(word);
        sum.addAll(one.partial());
        sum.addAll(other.partial());
        expect(sum.result()).toEqual(countOf(words, { mostDistinct }));
      }
    }
  });

  it('tells that a part of the sum is not complete', () => {
    const part = new WordCounter({ mostDistinct: 1 });
    for (const word of ['a', 'b']) part.add(word);
    const sum = new WordCounter();
    sum.addAll(part.partial());
    expect(sum.result()).toMatchObject({ words: 2, distinct: 1, complete: false });
  });

  it('shortens huge words without cutting a character in two', () => {
    const { top } = countOf([`${'x'.repeat(63)}𐐷𐐷`]);
    expect(top).toEqual([{ word: `${'x'.repeat(63)}…`, count: 1 }]);
  });

  it('takes names that objects have as words', () => {
    const { top } = countOf(['__proto__', 'constructor', '__proto__']);
    expect(top).toEqual([
      { word: '__proto__', count: 2 },
      { word: 'constructor', count: 1 },
    ]);
  });
});
