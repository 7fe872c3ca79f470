import { createRequire } from 'node:module';
import { brotliCompressSync, constants, deflateSync } from 'node:zlib';
import * as zstd from '@cloudpss/zstd/napi';
import fc from 'fast-check';
import { compressBzip2 } from '../../src/message/bzip2-compress.js';
import { decompressBzip2 } from '../../src/message/bzip2-decompress.js';
import type { CompressionName } from '../../src/message/codec-names.js';
import { compressBody, decompressBody } from '../../src/message/compression.js';
import { DecompressedTooLarge } from '../../src/message/compressor.js';
import { provideModule } from '../../src/message/optional-module.js';
import { codedError, codeOf } from './support/coded-error.js';
import { installOptionalLibraries } from './support/optional-libraries.js';
import { limits } from './support/sample-message.js';

installOptionalLibraries();

const context = { limits, identity: { taskId: 'x' } };
const decompress = (header: string, body: Buffer): Buffer =>
  decompressBody(header, body, 'application/json', context);
const names = ['zlib', 'gzip', 'bzip2', 'lzma', 'brotli', 'zstd'] as const;

/** As Python's `bz2` writes them, the last one being two streams and something that is none. */
const bzip2OfPython = {
  '': 'QlpoORdyRThQkAAAAAA=',
  'hello world': 'QlpoOTFBWSZTWUT3E3gAAAGRgEAABkSQgCAAIgM0hDAhtoFUJ4u5IpwoSCJ7ibwA',
  ab: 'QlpoOTFBWSZTWRmTm2sAAAABACAAIAAhGEaC7kinChIDMnNtYEJaaDkxQVkmU1kU0L2yAAAAAQAQACAAIRhGgu5IpwoSApoXtkBnYXJiYWdl',
};

describe('compression', () => {
  it.each(names)('%s gives back what it was given', (name) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), fc.integer({ min: 1, max: 40 }), (bytes, times) => {
        const body = Buffer.concat(Array.from({ length: times }, () => bytes));
        const compressed = compressBody(name, body, {});
        expect(decompress(compressed.header, compressed.body).equals(body)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it.each<[CompressionName, string]>([
    ['zlib', 'application/x-gzip'],
    ['gzip', 'application/x-gzip'],
    ['bzip2', 'application/x-bz2'],
    ['lzma', 'application/x-lzma'],
    ['brotli', 'application/x-brotli'],
    ['zstd', 'application/zstd'],
  ])('%s is "%s" in the header; its name is read there, too', (name, header) => {
    const body = Buffer.from('x'.repeat(1000));
    const compressed = compressBody(name, body, {});
    expect(compressed.header).toBe(header);
    expect(compressed.body.length).toBeLessThan(200);
    expect(decompress(name, compressed.body).equals(body)).toBe(true);
  });

  it('writes zstd frames that say their size, as Python needs', () => {
    const { body } = compressBody('zstd', Buffer.from('x'.repeat(300)), {});
    // Two bytes, from 256 on, in a single segment.
    expect([...body.subarray(0, 7)]).toEqual([0x28, 0xb5, 0x2f, 0xfd, 0x60, 44, 0]);
  });

  const zeros = Buffer.alloc(100 << 20);
  it.each<[string, () => Buffer]>([
    ['application/x-gzip', () => deflateSync(zeros, { level: 1 })],
    // Streams may follow each other.
    ['application/x-bz2', () => repeated(compressBzip2(zeros.subarray(0, 1 << 20)), 100)],
    ['application/x-lzma', () => compressBody('lzma', zeros.subarray(0, 8 << 20), {}).body],
    [
      'application/x-brotli',
      () => brotliCompressSync(zeros, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
    ],
    ['application/zstd', () => Buffer.from(zstd.compress(zeros))],
  ])('stops a bomb of %s at the limit', (header, make) => {
    const bomb = make();
    expect(bomb.length).toBeLessThan(600_000);
    const error = codedError(() => decompress(header, bomb));
    expect(error.code).toBe('LOVAGE_MESSAGE_TOO_LARGE');
    expect(error.details).toMatchObject({
      taskId: 'x',
      stage: 'decompressed',
      limit: limits.maxDecompressedBytes,
    });
  });

  it('stops a zstd frame that holds more than it says', () => {
    const lying = Buffer.from(zstd.compress(Buffer.alloc(1 << 20)));
    lying.writeUInt32LE(100, 5);
    expect(codeOf(() => decompress('application/zstd', lying))).toBe('LOVAGE_BODY_UNDECODABLE');
    lying.writeUInt32LE(0xffffffff, 5);
    expect(codeOf(() => decompress('application/zstd', lying))).toBe('LOVAGE_MESSAGE_TOO_LARGE');
  });

  it('refuses a zstd frame that does not say its size, as Python does', () => {
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58, 0x09, 0x00, 0x00, 0x61]);
    expect(codeOf(() => decompress('application/zstd', frame))).toBe('LOVAGE_BODY_UNDECODABLE');
  });

  it.each([
    'application/x-gzip',
    'application/x-bz2',
    'application/x-lzma',
    'application/x-brotli',
    'application/zstd',
  ])('refuses what is no %s', (header) => {
    for (const body of [Buffer.alloc(0), Buffer.from('[[2,3],{},{}]'), Buffer.from('BZh9')]) {
      const error = codedError(() => decompress(header, body));
      expect(error.code).toBe('LOVAGE_BODY_UNDECODABLE');
      expect(error.message).toContain(`compressed as ${header}`);
    }
  });

  it('names the package to install where a library is missing', () => {
    provideModule('lzma-native', undefined);
    try {
      const error = codedError(() => compressBody('lzma', Buffer.from('x'), { taskName: 'math.add' }));
      expect(error.code).toBe('LOVAGE_COMPRESSION_UNKNOWN');
      expect(error.message).toContain(
        'compression "lzma" is not available here. Install it: npm install lzma-native',
      );
      expect(codeOf(() => decompress('application/x-lzma', Buffer.from('x')))).toBe(
        'LOVAGE_COMPRESSION_UNKNOWN',
      );
    } finally {
      provideModule('lzma-native', createRequire(import.meta.url)('lzma-native'));
    }
    expect(codeOf(() => compressBody('lzma', Buffer.from('x'), {}))).toBe('no error');
  });
});

describe('bzip2', () => {
  it.each(Object.entries(bzip2OfPython))('reads "%s" as Python writes it', (text, base64) => {
    expect(decompressBzip2(Buffer.from(base64, 'base64'), 1000).toString()).toBe(text);
  });

  it('takes several blocks and every byte', () => {
    const bytes = Buffer.from(Array.from({ length: 250_000 }, (_, index) => (index * 7919) >> 3));
    expect(decompressBzip2(compressBzip2(bytes), bytes.length).equals(bytes)).toBe(true);
  });

  it('reads thousands of tiny streams with the memory of one', () => {
    const tiny = repeated(Buffer.from(bzip2OfPython['hello world'], 'base64'), 5000);
    expect(decompressBzip2(tiny, 1 << 20).toString()).toBe('hello world'.repeat(5000));
  });

  it('allows exactly the limit', () => {
    const compressed = compressBzip2(Buffer.alloc(1000));
    expect(decompressBzip2(compressed, 1000)).toHaveLength(1000);
    expect(() => decompressBzip2(compressed, 999)).toThrow(DecompressedTooLarge);
  });

  it('ends at a run that claims to be endless', () => {
    const table = [0, 0, 0, 0, 1, 0, 1, 0, 0, 0];
    // One block whose symbols are 2000 times "the first byte again": a weight that overflows 32 bits.
    const bits = [
      ...bitsOf('425a6839314159265359', 80),
      ...Array.from({ length: 32 }, () => 0),
      0,
      ...Array.from({ length: 24 }, () => 0),
      1,
      ...Array.from({ length: 15 }, () => 0),
      1,
      ...Array.from({ length: 15 }, () => 0),
      0,
      1,
      0,
      ...bitsOf('0064', 16).slice(1),
      ...Array.from({ length: 100 }, () => 0),
      // Two tables of the lengths 1, 2, 2: RUNA is a zero.
      ...table,
      ...table,
      ...Array.from({ length: 4000 }, () => 0),
    ];
    expect(() => decompressBzip2(bytesOf(bits), 1 << 20)).toThrow('a run longer than its block');
  });
});

const repeated = (bytes: Buffer, times: number): Buffer =>
  Buffer.concat(Array.from({ length: times }, () => bytes));

const bitsOf = (hex: string, count: number): number[] =>
  Array.from(
    { length: count },
    (_, index) => (Number.parseInt(hex[index >> 2] as string, 16) >> (3 - (index & 3))) & 1,
  );

const bytesOf = (bits: readonly number[]): Buffer =>
  Buffer.from(
    Array.from({ length: Math.ceil(bits.length / 8) }, (_, at) =>
      Number.parseInt(
        bits
          .slice(at * 8, at * 8 + 8)
          .join('')
          .padEnd(8, '0'),
        2,
      ),
    ),
  );
