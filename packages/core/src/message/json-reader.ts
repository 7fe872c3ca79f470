import { HostileKey } from './hostile-keys.js';

const numberToken = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const spaceToken = /[ \t\n\r]*/y;

/** As in Python: longer ones would cost more to convert than they are worth. */
const maxIntegerDigits = 4300;

/** Words that Python's JSON has and JSON has not. */
const words = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);
const wordToken = /-?[A-Za-z]+/y;
const backslash = 92;

/**
 * Reads JSON as Python writes it, which `JSON.parse` can not: `NaN`, `Infinity` and `-Infinity`, and integers of any
 * length (a BigInt beyond 2^53). No library does both. Several times slower than `JSON.parse`, so it is used only where
 * a scan or a failure of `JSON.parse` says that it is needed. Recursive: the nesting must have been bounded before.
 *
 * @throws SyntaxError with the position; HostileKey for `__proto__`
 */
export function readJson(text: string): unknown {
  const reader = new JsonReader(text);
  const value = reader.value();
  reader.end();
  return value;
}

class JsonReader {
  private at = 0;

  constructor(private readonly text: string) {}

  value(): unknown {
    this.space();
    switch (this.text[this.at]) {
      case '{':
        return this.object();
      case '[':
        return this.array();
      case '"':
        return this.string();
      case undefined:
      default:
        return this.number() ?? this.word();
    }
  }

  end(): void {
    this.space();
    if (this.at !== this.text.length) throw this.unexpected();
  }

  private object(): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    this.at++;
    if (this.skip('}')) return object;
    do {
      this.space();
      const key = this.string();
      if (key === '__proto__') throw new HostileKey(key);
      this.expect(':');
      object[key] = this.value();
    } while (this.skip(','));
    this.expect('}');
    return object;
  }

  private array(): unknown[] {
    const array: unknown[] = [];
    this.at++;
    if (this.skip(']')) return array;
    do array.push(this.value());
    while (this.skip(','));
    this.expect(']');
    return array;
  }

  private string(): string {
    const start = this.at;
    if (this.text[start] !== '"') throw this.unexpected();
    let close = this.text.indexOf('"', start + 1);
    while (close !== -1 && this.isEscaped(close)) close = this.text.indexOf('"', close + 1);
    if (close === -1) throw new SyntaxError(`unterminated text at position ${start}`);
    this.at = close + 1;
    try {
      // Decodes the escapes, and refuses the ones that do not exist and control characters.
      return JSON.parse(this.text.slice(start, this.at)) as string;
    } catch {
      throw new SyntaxError(`bad escape or control character in the text at position ${start}`);
    }
  }

  private number(): number | bigint | undefined {
    numberToken.lastIndex = this.at;
    const match = numberToken.exec(this.text);
    if (match === null) return undefined;
    this.at = numberToken.lastIndex;
    const number = Number(match[0]);
    const isInteger = match[1] === undefined && match[2] === undefined;
    if (!isInteger || Number.isSafeInteger(number)) return number;
    if (match[0].length > maxIntegerDigits) {
      throw new SyntaxError(`an integer of more than ${maxIntegerDigits} digits at position ${match.index}`);
    }
    return BigInt(match[0]);
  }

  private isEscaped(at: number): boolean {
    let before = at;
    while (this.text.charCodeAt(before - 1) === backslash) before--;
    return (at - before) % 2 === 1;
  }

  private word(): unknown {
    const start = this.at;
    const word = this.token(wordToken) ?? '';
    if (words.has(word)) return words.get(word);
    this.at = start;
    throw this.unexpected();
  }

  private token(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match === null) return undefined;
    this.at = pattern.lastIndex;
    return match[0];
  }

  private space(): void {
    this.token(spaceToken);
  }

  private skip(character: string): boolean {
    this.space();
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private expect(character: string): void {
    if (!this.skip(character)) throw this.unexpected();
  }

  private unexpected(): SyntaxError {
    return new SyntaxError(
      `unexpected ${this.at < this.text.length ? 'character' : 'end'} at position ${this.at}`,
    );
  }
}
