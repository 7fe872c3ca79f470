import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NotTextError, readText } from '../../src/words/read-text.js';

const pieceBytes = 64 * 1024;

describe('readText', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lovage-sample-test-'));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  async function read(content: Buffer | string): Promise<{ text: string; positions: readonly number[] }> {
    const path = join(folder, 'file');
    await writeFile(path, content);
    const positions: number[] = [];
    let text = '';
    for await (const piece of readText(path)) {
      text += piece.text;
      positions.push(piece.bytesRead);
    }
    return { text, positions };
  }

  it('reads a file in pieces and says how far it is', async () => {
    const text = 'a'.repeat(pieceBytes * 2 + 10);
    expect(await read(text)).toEqual({ text, positions: [pieceBytes, pieceBytes * 2, pieceBytes * 2 + 10] });
  });

  it('reads an empty file', async () => {
    expect(await read('')).toEqual({ text: '', positions: [] });
  });

  it.each([1, 2, 3])(
    'does not cut a character in two, %d bytes before the end of a piece',
    async (before) => {
      const text = `${'a'.repeat(pieceBytes - before)}🌿é${'音'.repeat(pieceBytes)}`;
      expect((await read(text)).text).toBe(text);
    },
  );

  it('reads UTF-16 with a byte order mark, and drops the mark of UTF-8', async () => {
    const text = `grüße 🌿 ${'音乐 '.repeat(pieceBytes)}`;
    const little = Buffer.from(`\uFEFF${text}`, 'utf16le');
    expect((await read(little)).text).toBe(text);
    expect((await read(Buffer.from(little).swap16())).text).toBe(text);
    expect((await read(`\uFEFF${text}`)).text).toBe(text);
  });

  it.each([
    ['bytes that UTF-8 does not have', Buffer.from([0x61, 0xff, 0x62]), 'impossible bytes'],
    ['a character that is cut off at the end', Buffer.from('音').subarray(0, 2), 'impossible bytes'],
    ['zero bytes', Buffer.from('PK\u0003\u0000'), 'a zero byte'],
    ['half a character of UTF-16 at the end', Buffer.from([0xff, 0xfe, 0x61]), 'impossible bytes'],
  ])('refuses %s', async (_what, content, problem) => {
    const failure = read(content);
    await expect(failure).rejects.toThrow(NotTextError);
    await expect(failure).rejects.toThrow(`the file is no text in UTF-8: ${problem}`);
  });

  it('says where the first bad bytes are', async () => {
    const content = Buffer.concat([Buffer.alloc(pieceBytes * 3, 'a'), Buffer.from([0xff])]);
    await expect(read(content)).rejects.toThrow(`within the 64 KB after byte ${pieceBytes * 3}`);
  });

  it('ends when its signal is aborted, with the reason of the signal', async () => {
    const path = join(folder, 'long');
    await writeFile(path, 'a'.repeat(pieceBytes * 50));
    const stop = new AbortController();
    const reading = (async () => {
      for await (const piece of readText(path, stop.signal)) {
        if (piece.bytesRead >= pieceBytes * 2) stop.abort(new Error('enough'));
      }
    })();
    await expect(reading).rejects.toThrow('enough');
  });
});
