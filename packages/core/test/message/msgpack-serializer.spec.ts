import { encode } from '@msgpack/msgpack';
import type { EncodeContext } from '../../src/message/codec-context.js';
import { encodedBytes } from '../../src/message/encoded.js';
import { msgpackSerializer } from '../../src/message/msgpack-serializer.js';
import { decimal, uuid } from '../../src/message/typed-value.js';
import { codedError, codeOf } from './support/coded-error.js';
import { limits } from './support/sample-message.js';

const writing: EncodeContext = {
  limits,
  jsonTypes: 'typed',
  where: 'args',
  maxBytes: limits.maxBytes,
  identity: {},
};
const write = (value: unknown): Buffer => encodedBytes(msgpackSerializer.serialize(value, writing));
const read = (bytes: Uint8Array | string): unknown =>
  msgpackSerializer.deserialize(typeof bytes === 'string' ? Buffer.from(bytes, 'hex') : Buffer.from(bytes), {
    limits,
    identity: {},
  });

describe('msgpack', () => {
  it('keeps text and bytes apart', () => {
    expect(write(['a', Buffer.from('a')]).toString('hex')).toBe('92a161c40161');
    expect(read('92a161c40161')).toEqual(['a', Buffer.from('a')]);
  });

  it('writes integers of up to 64 bits as integers, and only those', () => {
    expect(write([2 ** 32, -(2 ** 31) - 1, 2n ** 64n - 1n, 5n, 1e20]).toString('hex')).toBe(
      '95cf0000000100000000d3ffffffff7fffffffcfffffffffffffffff05cb4415af1d78b58c40',
    );
    expect(read('93cf0000000100000000cfffffffffffffffffd3ffdfffffffffffff')).toEqual([
      2 ** 32,
      2n ** 64n - 1n,
      -(2n ** 53n) - 1n,
    ]);
    expect(codedError(() => write([2n ** 64n])).message).toContain(
      'args[0] is an integer of more than 64 bits',
    );
  });

  it('writes typed values as text, and dates as timestamps', () => {
    const now = new Date(1_700_000_000_123);
    expect(read(write([decimal('1.10'), uuid('12345678-1234-5678-1234-567812345678'), now]))).toEqual([
      '1.10',
      '12345678-1234-5678-1234-567812345678',
      now,
    ]);
  });

  it('gives bytes that have a memory of their own', () => {
    const bytes = write([Buffer.from('secret')]);
    const [value] = read(bytes) as [Buffer];
    bytes.fill(0);
    expect(value.toString()).toBe('secret');
  });

  it.each([
    ['too deep', '91'.repeat(65), 'LOVAGE_MESSAGE_TOO_DEEP'],
    ['millions of levels', '91'.repeat(500_000), 'LOVAGE_MESSAGE_TOO_DEEP'],
    ['maps too deep', '81a161'.repeat(65), 'LOVAGE_MESSAGE_TOO_DEEP'],
    ['a length that is not there', 'ddffffffff', 'LOVAGE_BODY_UNDECODABLE'],
    ['a map length that is not there', 'df7fffffff01', 'LOVAGE_BODY_UNDECODABLE'],
    ['text that ends too early', 'a561', 'LOVAGE_BODY_UNDECODABLE'],
    ['a length that ends too early', 'c6ff', 'LOVAGE_BODY_UNDECODABLE'],
    ['nothing', '', 'LOVAGE_BODY_UNDECODABLE'],
    ['more than one value', '0102', 'LOVAGE_BODY_UNDECODABLE'],
    ['the byte that is never used', '91c1', 'LOVAGE_BODY_UNDECODABLE'],
    ['an unknown extension', 'd40500', 'LOVAGE_BODY_UNDECODABLE'],
    ['a timestamp of a wrong length', 'd4ff00', 'LOVAGE_BODY_UNDECODABLE'],
    ['a timestamp out of range', 'c70cff000000007fffffffffffffff', 'LOVAGE_BODY_UNDECODABLE'],
    ['a key that is an array', '819001', 'LOVAGE_BODY_UNDECODABLE'],
  ])('refuses %s', (_title, hex, code) => {
    expect(codeOf(() => read(hex))).toBe(code);
  });

  it('takes exactly the depth of the limit', () => {
    expect(codeOf(() => read(`${'91'.repeat(64)}c0`))).toBe('no error');
    let nested: unknown = null;
    for (let level = 0; level < 64; level++) nested = [nested];
    expect(codeOf(() => write(nested))).toBe('no error');
    expect(codeOf(() => write([nested]))).toBe('LOVAGE_MESSAGE_TOO_DEEP');
  });

  it('refuses hostile keys on both sides', () => {
    expect(codeOf(() => read(encode({ constructor: { prototype: 1 } })))).toBe('LOVAGE_HOSTILE_KEY');
    expect(
      codeOf(() =>
        read(Buffer.concat([Buffer.from('81a9', 'hex'), Buffer.from('__proto__'), Buffer.from('01', 'hex')])),
      ),
    ).toBe('LOVAGE_HOSTILE_KEY');
    expect(codeOf(() => write(JSON.parse('{"__proto__":1}')))).toBe('LOVAGE_HOSTILE_KEY');
  });

  it('refuses text that has no UTF-8, which Python would not read', () => {
    expect(codeOf(() => write(['\uD800']))).toBe('LOVAGE_VALUE_UNSERIALIZABLE');
    expect(codeOf(() => write({ '\uDC00': 1 }))).toBe('LOVAGE_VALUE_UNSERIALIZABLE');
    expect(codeOf(() => write(['\u{1F600}']))).toBe('no error');
  });
});
