export interface WordCount {
  readonly words: number;
  /** Different words, upper and lower case taken as one. */
  readonly distinct: number;
  /** False: there are more different words than are kept; `distinct` and `top` know only those that came first. */
  readonly complete: boolean;
  /** The most frequent words, most frequent first. */
  readonly top: readonly { readonly word: string; readonly count: number }[];
}

/** The count of a part of a text. */
export interface PartialCount {
  readonly words: number;
  readonly complete: boolean;
  /** Words, upper and lower case taken as one, in the order in which they came first. */
  readonly counts: readonly (readonly [word: string, times: number])[];
}

export interface WordCounterOptions {
  /** Different words that are kept at most, so that the memory is bounded. Default 200,000. */
  readonly mostDistinct?: number;
  /** Length of `top`. Default 10. */
  readonly topLength?: number;
}

/** Of longer words this much is kept, in UTF-16 units. */
const longestWord = 64;

export class WordCounter {
  private readonly counts = new Map<string, number>();
  private words = 0;
  private complete = true;
  private readonly mostDistinct: number;
  private readonly topLength: number;

  constructor({ mostDistinct = 200_000, topLength = 10 }: WordCounterOptions = {}) {
    this.mostDistinct = mostDistinct;
    this.topLength = topLength;
  }

  add(word: string): void {
    this.words += 1;
    this.count(shortened(word.toLowerCase()), 1);
  }

  /** Adds what another one has counted. */
  addAll({ words, complete, counts }: PartialCount): void {
    this.words += words;
    this.complete &&= complete;
    for (const [word, times] of counts) this.count(word, times);
  }

  /** All that it knows, to be added up elsewhere. */
  partial(): PartialCount {
    return { words: this.words, complete: this.complete, counts: [...this.counts] };
  }

  result(): WordCount {
    return { words: this.words, distinct: this.counts.size, complete: this.complete, top: this.top() };
  }

  private count(key: string, times: number): void {
    const count = this.counts.get(key);
    if (count !== undefined) this.counts.set(key, count + times);
    else if (this.counts.size < this.mostDistinct) this.counts.set(detached(key), times);
    else this.complete = false;
  }

  /** One pass that keeps the best so far: sorting all of them would hold up everything else in this process. */
  private top(): WordCount['top'] {
    const best: { word: string; count: number }[] = [];
    for (const [word, count] of this.counts) {
      const last = best[this.topLength - 1];
      if (last !== undefined && last.count >= count) continue;
      best.push({ word, count });
      best.sort((a, b) => b.count - a.count);
      best.length = Math.min(best.length, this.topLength);
    }
    return best;
  }
}

function shortened(word: string): string {
  if (word.length <= longestWord) return word;
  // Not in the middle of a character outside the basic plane.
  return `${word.slice(0, longestWord).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** A copy: what is cut out of a longer text would keep all of that text in memory. */
function detached(word: string): string {
  return Buffer.from(word).toString();
}
