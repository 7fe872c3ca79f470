import fc from 'fast-check';
import { contentTypes } from '../../src/message/content-types.js';
import { decodeResult, encodeResult } from '../../src/message/result-document.js';
import type { ResultRecord } from '../../src/message/result-record.js';
import { roughLengthOf, WrittenResult } from '../../src/message/written-result.js';
import { codedError, codeOf } from './support/coded-error.js';
import { decoding, limits, taskId } from './support/sample-message.js';

const options = { serializer: 'json', limits, taskName: 'math.add' } as const;

const record = (fields: Partial<ResultRecord> = {}): ResultRecord => ({
  taskId,
  state: 'SUCCESS',
  result: 5,
  traceback: undefined,
  children: [],
  dateDone: new Date(Date.UTC(2030, 0, 2, 3, 4, 5, 678)),
  groupId: undefined,
  parentId: undefined,
  extended: undefined,
  ...fields,
});

function written(fields: Partial<ResultRecord> = {}): WrittenResult {
  const result = WrittenResult.of(record(fields), options, 1000);
  if (result === undefined) throw new Error('it should be kept in this form');
  return result;
}

const values: readonly unknown[] = [
  undefined,
  null,
  true,
  0,
  -0,
  1.5,
  Number.NaN,
  2 ** 60,
  2n ** 70n,
  '',
  'ü "\\\n\ud800',
  '__type__',
  [],
  {},
  { a: [1, { b: null }] },
  new Date(0),
  Buffer.from('x'),
  '1'.repeat(1000),
];

describe('a result that is written when it is read', () => {
  it.each(values.map((value) => [value]))('has the document that is written at once: %p', (result) => {
    for (const fields of [
      { result },
      { result, state: 'IGNORED', dateDone: undefined, groupId: 'g', parentId: 'p' },
    ]) {
      const document = encodeResult(record(fields), options);
      expect(written(fields).document).toBe(document);
      expect(written(fields).read(decoding)).toEqual(decodeResult(document, decoding));
    }
  });

  it('is read as its document is, whatever the value', () => {
    fc.assert(
      fc.property(fc.anything({ withDate: true, withBigInt: true, withNullPrototype: true }), (result) => {
        const code = codeOf(() => encodeResult(record({ result }), options));
        expect(codeOf(() => WrittenResult.of(record({ result }), options, undefined))).toBe(code);
        if (code !== 'no error') return;
        const one = written({ result });
        expect(one.read(decoding)).toEqual(decodeResult(one.document, decoding));
      }),
    );
  });

  it('keeps what the task gave, whatever becomes of it afterwards', () => {
    const list = [1];
    const one = written({ result: list });
    list.push(2);
    const first = one.read(decoding).result as number[];
    expect(first).toEqual([1]);
    first.push(3);
    expect(one.read(decoding).result).toEqual([1]);
  });

  it('obeys the limits of whoever reads', () => {
    const shallow = { ...decoding, limits: { ...limits, maxDepth: 3 } };
    const one = written({ result: [[['deep']]] });
    expect(codeOf(() => one.read(shallow))).toBe(codeOf(() => decodeResult(one.document, shallow)));
    const large = written({ result: ['x'.repeat(500)] });
    const small = { ...decoding, limits: { ...limits, maxDecompressedBytes: 400 } };
    expect(codeOf(() => large.read(small))).toBe('LOVAGE_MESSAGE_TOO_LARGE');
    const foreign = { ...decoding, acceptContent: contentTypes(['yaml']) };
    expect(codeOf(() => one.read(foreign))).toBe('LOVAGE_CONTENT_REFUSED');
  });

  it('is not used for a record that holds more, or may be too large', () => {
    const others: Partial<ResultRecord>[] = [
      { traceback: 'Error' },
      { children: [[['c', null], null]] },
      { result: 'x'.repeat(limits.maxBytes / 6) },
      { result: ['x'.repeat(limits.maxBytes / 6)] },
    ];
    for (const fields of others) expect(WrittenResult.of(record(fields), options, 1)).toBeUndefined();
    expect(WrittenResult.of(record(), { ...options, serializer: 'msgpack' }, 1)).toBeUndefined();
  });

  it('says what can not be stored', () => {
    const error = codedError(() => WrittenResult.of(record({ result: [() => 1] }), options, 1));
    expect(error.message).toContain('result[0] is a function');
  });

  it('tells its length roughly', () => {
    for (const result of [5, 'x'.repeat(5000), ['x'.repeat(5000)]]) {
      const one = written({ result });
      expect(Math.abs(roughLengthOf(one) - one.document.length)).toBeLessThan(200);
    }
    expect(roughLengthOf({ document: 'abc' })).toBe(3);
  });
});
