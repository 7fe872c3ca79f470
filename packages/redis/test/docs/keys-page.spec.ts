import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const page = readFileSync(new URL('../../../../docs/redis.md', import.meta.url), 'utf8');
const folder = fileURLToPath(new URL('../../src', import.meta.url));
const source = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(folder, name), 'utf8'))
  .join('\n');

const wordsIn = (text: string, pattern: RegExp): readonly string[] =>
  [...new Set([...text.matchAll(pattern)].map(([, word = '']) => word))].toSorted();

describe('docs/redis.md', () => {
  it('tells of each key that Lovage adds, and of no other', () => {
    const used = wordsIn(source, /(?:lovage:|own\(['`])([a-z-]+)/g);
    expect(wordsIn(page, /`lovage:([a-z-]+)/g)).toStrictEqual(used);
  });

  it('tells of each parameter of a URL, and of no other', () => {
    const list = /const parameters = \[([^\]]*)\]/.exec(source)?.[1] ?? '';
    const table = page.slice(page.indexOf('| parameter |'), page.indexOf('Durations are text'));
    const told = wordsIn(table, /^\| (`[^|]*) \|/gm).flatMap((cell) => wordsIn(cell, /`(\w+)`/g));
    expect(told.toSorted()).toStrictEqual(wordsIn(list, /'(\w+)'/g));
  });
});
