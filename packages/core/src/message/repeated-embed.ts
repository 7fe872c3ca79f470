/** How an embed begins in the JSON that Lovage writes, with the comma before it. */
const start = ',{"callbacks":';
/** How a body ends when no chord follows: then no others carry the same. */
const withoutChord = 'null}]';
/** Longer ones are not kept. */
const longest = 65_536;

interface Ending {
  /** Of a body: the comma, the embed, the bracket. */
  readonly text: string;
  readonly maxDepth: number;
  /** The embed; set when it came twice in a row. */
  value?: object;
}

/**
 * What follows the members of a chord is the same text in each of them, and may be long. So the last one is kept, and is the same object
 * for all: nobody changes what was read.
 */
export class RepeatedEmbed {
  private last: Ending | undefined;

  /** @returns the embed at the end of a body, where it is the last one, and the length of its text with comma and bracket */
  find(body: string, maxDepth: number): { readonly value: object; readonly length: number } | undefined {
    const { last } = this;
    if (last?.value === undefined || last.maxDepth !== maxDepth || !body.endsWith(last.text))
      return undefined;
    return { value: last.value, length: last.text.length };
  }

  /** @param value what was read from the body */
  learn(body: string, value: unknown, maxDepth: number): void {
    if (body.endsWith(withoutChord) || !Array.isArray(value) || value.length !== 3) return;
    const from = body.lastIndexOf(start);
    if (from === -1 || body.length - from > longest) return;
    const text = body.slice(from);
    const isSecond = this.last?.text === text && this.last.maxDepth === maxDepth;
    this.last = { text, maxDepth };
    const embed: unknown = value[2];
    if (isSecond && typeof embed === 'object' && embed !== null && isWhole(text)) this.last.value = embed;
  }
}

/** What begins inside of a signature has more brackets that close than open. */
function isWhole(ending: string): boolean {
  try {
    JSON.parse(`[0${ending}`);
    return true;
  } catch {
    return false;
  }
}
