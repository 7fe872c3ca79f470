import { leafRepr, maxReprLength, maxReprLevels, wordRepr } from './python-words.js';

/**
 * The same text as Celery's `saferepr`, to the character, where it is cut off: what is too long ends with `...`, and the
 * brackets that are open then are closed. Celery counts code points, and forgets the bracket at which it stops.
 */
export function exactRepr(value: object, kind: 'tuple' | 'dict'): string {
  const writer = new ReprWriter();
  if (kind === 'tuple')
    writer.list(value as readonly unknown[], '(', (value as readonly unknown[]).length === 1 ? ',)' : ')');
  else writer.dict(value as Readonly<Record<string, unknown>>);
  return writer.text;
}

class ReprWriter {
  text = '';
  private level = 0;
  private left = maxReprLength;
  private stopped = false;

  list(items: readonly unknown[], start: string, end: string): void {
    this.open(start);
    for (let i = 0; i < items.length && !this.stopped; i++) {
      if (i > 0) this.put(', ');
      this.value(items[i]);
    }
    this.close(end);
  }

  dict(object: Readonly<Record<string, unknown>>): void {
    this.open('{');
    let first = true;
    for (const key of Object.keys(object)) {
      const value = object[key];
      if (value === undefined) continue;
      if (this.stopped) break;
      if (!first) this.put(', ');
      first = false;
      this.put(() => this.quoted(key));
      this.put(': ');
      this.value(value);
    }
    this.close('}');
  }

  private value(value: unknown): void {
    if (this.stopped) return;
    if (typeof value === 'string') return this.put(() => this.quoted(value));
    if (typeof value !== 'object' || value === null) return this.put(() => this.cut(wordRepr(value)));
    const leaf = leafRepr(value);
    if (leaf !== undefined) return this.put(() => this.cut(leaf));
    const { toJSON } = value as { readonly toJSON?: unknown };
    if (typeof toJSON === 'function') return this.value(toJSON.call(value, ''));
    if (this.level >= maxReprLevels)
      return this.put(() => this.cut(Array.isArray(value) ? '[...]' : '{...}'));
    return Array.isArray(value) ? this.list(value, '[', ']') : this.dict(value as Record<string, unknown>);
  }

  /** The bracket is counted as open even where there was no more room to write it. */
  private open(bracket: string): void {
    this.put(bracket);
    this.level++;
  }

  private close(bracket: string): void {
    this.level--;
    // Brackets are closed beyond the limit, except for one at which the limit is found to be reached.
    if (this.stopped) this.text += bracket;
    else this.put(bracket);
  }

  private put(part: string | (() => string)): void {
    if (this.stopped) return;
    if (this.left <= 0) {
      this.text += ', ...';
      this.stopped = true;
      return;
    }
    const text = typeof part === 'string' ? part : part();
    this.text += text;
    this.left -= Array.from(text).length;
  }

  private quoted(text: string): string {
    return `'${this.cut(text).replaceAll("'", "\\'")}'`;
  }

  private cut(text: string): string {
    // Twice as many units as points are left always hold as many points.
    const points = Array.from(text.slice(0, this.left * 2 + 2));
    if (points.length < this.left) return text;
    const kept = points.slice(0, this.left).join('');
    const space = kept.lastIndexOf(' ');
    return `${space === -1 ? kept : kept.slice(0, space)}...`;
  }
}
