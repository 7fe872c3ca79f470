/** Letters, marks and digits of all scripts, with what may stand between two of them: don't, l’été, twenty-one. */
const word = /[\p{L}\p{M}\p{N}]+(?:['’‐-][\p{L}\p{M}\p{N}]+)*/gu;
const inWord = /[\p{L}\p{M}\p{N}'’‐-]/u;
const notInWord = /[^\p{L}\p{M}\p{N}'’‐-]/u;
/** Scripts without spaces between words: there a dictionary has to find them. */
const unspaced = /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmr}\p{sc=Mymr}]/u;
const dictionary = new Intl.Segmenter('en', { granularity: 'word' });
/** The time that the dictionary takes grows with the square of the length. No sentence is this long without a comma. */
const sentence = /.{1,200}/gsu;

/** A run of word characters that is longer (in UTF-16 units) is not held back until its end comes. */
const longestRun = 1024;

/**
 * Cuts text that comes in pieces of any size into words. Holds no more than the last piece, also when a whole file is
 * one word.
 */
export class WordSplitter {
  /** A word that may go on in the next piece. */
  private rest = '';
  /** The word that the text is in has been given out already; what is left of it is passed over. */
  private passing = false;

  /** The words that are complete with this piece. */
  push(piece: string): readonly string[] {
    const text = (this.rest + (this.passing ? this.behindWord(piece) : piece)).normalize();
    const cut = startOfLastRun(text);
    this.rest = text.slice(cut);
    const words = wordsOf(text.slice(0, cut));
    if (this.rest.length <= longestRun) return words;
    // Text without spaces can be cut anywhere at the cost of one word; of anything else this is one huge word.
    this.passing = !unspaced.test(this.rest);
    return [...words, ...this.end()];
  }

  /** The last word: call it when no text follows. */
  end(): readonly string[] {
    const words = wordsOf(this.rest);
    this.rest = '';
    return words;
  }

  private behindWord(piece: string): string {
    const end = piece.search(notInWord);
    if (end === -1) return '';
    this.passing = false;
    return piece.slice(end);
  }
}

/** Where the word characters begin with which the text ends; its length when it does not end with any. */
function startOfLastRun(text: string): number {
  let start = text.length;
  while (start > 0) {
    const isPair = start > 1 && (text.codePointAt(start - 2) ?? 0) > 0xffff;
    const before = start - (isPair ? 2 : 1);
    if (!inWord.test(text.slice(before, start))) break;
    start = before;
  }
  return start;
}

function wordsOf(text: string): readonly string[] {
  const runs = text.match(word) ?? [];
  return unspaced.test(text) ? runs.flatMap((run) => (unspaced.test(run) ? segmented(run) : [run])) : runs;
}

function segmented(run: string): readonly string[] {
  return (run.match(sentence) ?? []).flatMap((part) =>
    Array.from(dictionary.segment(part))
      .filter(({ isWordLike }) => isWordLike === true)
      .map(({ segment }) => segment),
  );
}
