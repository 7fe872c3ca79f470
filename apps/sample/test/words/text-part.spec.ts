import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { readText } from '../../src/words/read-text.js';
import { textPart } from '../../src/words/text-part.js';

describe('the parts of a text file', () => {
  let folder: string;
  let path: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lovage-sample-test-'));
    path = join(folder, 'file');
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  async function partsOf(content: Buffer, partBytes: number): Promise<readonly string[]> {
    await writeFile(path, content);
    const texts: string[] = [];
    for (let index = 0; index < Math.max(1, Math.ceil(content.length / partBytes)); index += 1) {
      let text = '';
      for await (const piece of readText(path, undefined, await textPart(path, index, partBytes)))
        text += piece.text;
      texts.push(text);
    }
    return texts;
  }

  const encodings: readonly [string, (text: string) => Buffer][] = [
    ['UTF-8', (text) => Buffer.from(text)],
    ['UTF-16, little-endian', (text) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['UTF-16, big-endian', (text) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()],
  ];

  it.each(encodings)('are the whole text, cut behind spaces alone: %s', async (_name, encode) => {
    const text = fc
      .array(fc.constantFrom('a', 'été', '音', '🌿', '\u2020', '\u0a20', ' ', '\n'), { maxLength: 60 })
      .map((characters) => characters.join(''));
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 20 }), async (whole, size) => {
        const parts = await partsOf(encode(whole), size * 2);
        expect(parts.join('')).toBe(whole);
        const ends = parts.filter((part, index) => part !== '' && parts.slice(index + 1).join('') !== '');
        expect(ends.every((part) => /[ \n]$/.test(part))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('give text without spaces to the first of them, however long it is', async () => {
    const long = 'x'.repeat(200_000);
    expect(await partsOf(Buffer.from(`${long} y`), 65_536)).toEqual([`${long} `, '', '', 'y']);
  });
});
