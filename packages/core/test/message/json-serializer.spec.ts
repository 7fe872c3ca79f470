import fc from 'fast-check';
import type { DecodeContext, EncodeContext } from '../../src/message/codec-context.js';
import { readJson } from '../../src/message/json-reader.js';
import { jsonSerializer } from '../../src/message/json-serializer.js';
import { date, decimal, time, uuid } from '../../src/message/typed-value.js';
import { codedError, codeOf } from './support/coded-error.js';
import { limits } from './support/sample-message.js';

const writing: EncodeContext = {
  limits,
  jsonTypes: 'typed',
  where: 'args',
  maxBytes: limits.maxBytes,
  identity: {},
};
const reading: DecodeContext = { limits, identity: {} };
const write = (value: unknown, context: Partial<EncodeContext> = {}): string =>
  jsonSerializer.serialize(value, { ...writing, ...context }).toString();
const read = (text: string): unknown => jsonSerializer.deserialize(Buffer.from(text), reading);

describe('JSON as Celery writes it', () => {
  it('carries the typed values of Celery 5.3 and newer', () => {
    const values = [
      new Date(Date.UTC(2030, 0, 2, 3, 4, 5, 678)),
      date('2030-01-02'),
      time('03:04:05'),
      decimal('1.50'),
      uuid('12345678-1234-5678-1234-567812345678'),
      Buffer.from([0xff, 0x00]),
      new Uint8Array([1, 2]).buffer,
    ];
    expect(JSON.parse(write(values))).toEqual([
      { __type__: 'datetime', __value__: '2030-01-02T03:04:05.678000+00:00' },
      { __type__: 'date', __value__: '2030-01-02' },
      { __type__: 'time', __value__: '03:04:05' },
      { __type__: 'decimal', __value__: '1.50' },
      { __type__: 'uuid', __value__: { hex: '12345678123456781234567812345678' } },
      { __type__: 'base64', __value__: '/wA=' },
      { __type__: 'base64', __value__: 'AQI=' },
    ]);
    expect(read(write(values))).toEqual([
      values[0],
      '2030-01-02',
      '03:04:05',
      '1.50',
      '12345678-1234-5678-1234-567812345678',
      Buffer.from([0xff, 0x00]),
      Buffer.from([1, 2]),
    ]);
  });

  it('writes the plain text of Celery 5.2 where that is asked for', () => {
    const values = [
      new Date(Date.UTC(2030, 0, 2, 3, 4, 5)),
      date('2030-01-02'),
      time('03:04:05'),
      decimal('1.50'),
      uuid('12345678-1234-5678-1234-567812345678'),
    ];
    expect(JSON.parse(write(values, { jsonTypes: 'plain' }))).toEqual([
      '2030-01-02T03:04:05.000000Z',
      '2030-01-02T00:00:00',
      '03:04:05',
      '1.50',
      '12345678-1234-5678-1234-567812345678',
    ]);
    expect(codedError(() => write([Buffer.from('x')], { jsonTypes: 'plain' })).message).toContain(
      "args[0] is bytes, which jsonTypes 'plain' can not write",
    );
  });

  it('reads every typed value of Celery, in any order of the keys', () => {
    expect(
      read(
        '[{"__value__":"text","__type__":"bytes"},{"__type__":"datetime","__value__":"2030-01-02T03:04:05"},' +
          '{"__type__":"uuid","__value__":{"hex":"12345678123456781234567812345678","version":5}}]',
      ),
    ).toEqual([
      Buffer.from('text'),
      new Date(Date.UTC(2030, 0, 2, 3, 4, 5)),
      '12345678-1234-5678-1234-567812345678',
    ]);
  });

  it('leaves objects alone that only look like typed values', () => {
    for (const value of [
      { __type__: 'unknown', __value__: 1 },
      { __type__: 'datetime', __value__: '2030-01-02', more: 1 },
      { __type__: 'datetime' },
      { __type__: {}, __value__: 1 },
      { __type__: 'toString', __value__: 1 },
    ]) {
      expect(read(JSON.stringify([value]))).toEqual([value]);
    }
  });

  it('finds typed values whose keys are written with escapes', () => {
    expect(read('[{"\\u005f_type__":"decimal","__value__":"1.0"}]')).toEqual(['1.0']);
  });

  it('refuses a typed value that is none', () => {
    for (const [type, value] of [
      ['datetime', '"soon"'],
      ['datetime', '5'],
      ['uuid', '{"hex":"12"}'],
      ['decimal', '1'],
      ['base64', 'null'],
    ]) {
      const error = codedError(() => read(`{"__type__":"${type}","__value__":${value}}`));
      expect(error.code).toBe('LOVAGE_BODY_UNDECODABLE');
      expect(error.message).toContain(`a value of type "${type}" can not be read`);
    }
  });

  it('writes and reads the words that only Python knows', () => {
    const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    expect(write(values)).toBe('[NaN,Infinity,-Infinity]');
    expect(read('[NaN, Infinity, -Infinity, "NaN"]')).toEqual([...values, 'NaN']);
  });

  it('keeps integers of any length, and floats apart from them', () => {
    expect(write([2n ** 64n, -5n, 1e20, 2 ** 53, 1e21, -0])).toBe(
      '[18446744073709551616,-5,100000000000000000000.0,9007199254740992.0,1e+21,-0.0]',
    );
    expect(read('[18446744073709551616,-5,100000000000000000000.0,9007199254740992.0,1e+21,-0.0]')).toEqual([
      2n ** 64n,
      -5,
      1e20,
      2 ** 53,
      1e21,
      -0,
    ]);
    expect(read('[9007199254740991,9007199254740992,-9007199254740993,0.12345678901234568,1e30]')).toEqual([
      9007199254740991,
      9007199254740992n,
      -9007199254740993n,
      0.12345678901234568,
      1e30,
    ]);
    expect(codeOf(() => read(`[1${'0'.repeat(5000)}]`))).toBe('LOVAGE_BODY_UNDECODABLE');
  });

  it('writes instances by their own fields, and what has toJSON by that', () => {
    class Point {
      constructor(
        readonly x: number,
        readonly y: number,
      ) {}

      sum(): number {
        return this.x + this.y;
      }
    }
    expect(
      write([new Point(1, 2), new URL('http://a/'), Object(5), { toJSON: () => ({ at: new Date(0) }) }]),
    ).toBe(
      '[{"x":1,"y":2},"http://a/",5,{"at":{"__type__":"datetime","__value__":"1970-01-01T00:00:00.000000+00:00"}}]',
    );
  });

  it('treats undefined as JavaScript does', () => {
    expect(write({ a: undefined, b: [undefined], c: 1n })).toBe('{"b":[null],"c":1}');
    expect(write({ a: undefined })).toBe('{}');
    expect(write(undefined)).toBe('null');
  });

  const cycle: Record<string, unknown> = {};
  cycle['self'] = { deep: [cycle] };
  it.each<[string, unknown, string]>([
    ['a function', { run: () => 1 }, 'args.run is a function'],
    ['a symbol', [[Symbol('x')]], 'args[0][0] is a symbol'],
    ['a Map', [new Map()], 'args[0] is a Map (use Object.fromEntries)'],
    ['a Set', [new Set()], 'args[0] is a Set (use an array)'],
    ['a promise', [Promise.resolve(1)], 'args[0] is a Promise (await it first)'],
    ['an error', [new Error('x')], 'args[0] is an Error (use its message)'],
    ['a float array', [new Float64Array(1)], 'args[0] is a typed array other than Uint8Array (use an array)'],
    [
      'an invalid date',
      [new Date(Number.NaN)],
      'args[0] is an invalid date, or outside of the years 1 to 9999',
    ],
    ['a cycle', cycle, 'args.self.deep[0] refers back to itself'],
    [
      'a throwing getter',
      [
        {
          get secret() {
            throw new Error('password is 1234');
          },
        },
      ],
      'args[0].secret can not be read: a getter, toJSON or proxy threw',
    ],
    [
      'a throwing toJSON',
      [
        {
          toJSON: () => {
            throw new Error('no');
          },
        },
      ],
      'args[0] can not be read: a getter, toJSON or proxy threw',
    ],
  ])('refuses %s and says where it is', (_title, value, problem) => {
    const error = codedError(() => write(value));
    expect(error.code).toBe('LOVAGE_VALUE_UNSERIALIZABLE');
    expect(error.message).toContain(problem);
    expect(error.message).not.toContain('1234');
  });

  it('refuses keys that could pollute a prototype, on both sides', () => {
    for (const text of [
      '{"__proto__":{"admin":true}}',
      '[[{"\\u005f_proto__":1}]]',
      '{"a":{"constructor":{"prototype":{}}}}',
      '{"a":[{"__proto__":9007199254740993}]}',
    ]) {
      expect(codeOf(() => read(text))).toBe('LOVAGE_HOSTILE_KEY');
      expect(codeOf(() => write(JSON.parse(text)))).toBe('LOVAGE_HOSTILE_KEY');
    }
    expect(read('{"constructor":"Brunel","prototype":1}')).toEqual({ constructor: 'Brunel', prototype: 1 });
    expect(read(write({ constructor: 'Brunel' }))).toEqual({ constructor: 'Brunel' });
  });

  it('bounds the nesting on both sides at the same level', () => {
    const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
    expect(codeOf(() => read(nested(64)))).toBe('no error');
    expect(codeOf(() => read(nested(65)))).toBe('LOVAGE_MESSAGE_TOO_DEEP');
    expect(codeOf(() => read('['.repeat(1_000_000)))).toBe('LOVAGE_MESSAGE_TOO_DEEP');
    expect(codeOf(() => write(JSON.parse(nested(64))))).toBe('no error');
    expect(codeOf(() => write(JSON.parse(nested(65))))).toBe('LOVAGE_MESSAGE_TOO_DEEP');
    expect(read(`"${'['.repeat(100)}"`)).toBe('['.repeat(100));
  });

  it('stops early where shared values would make endless text', () => {
    let shared: unknown = 'x';
    for (let i = 0; i < 50; i++) shared = [shared, shared];
    expect(codeOf(() => write(shared))).toBe('LOVAGE_MESSAGE_TOO_LARGE');
  });

  it.each([
    '',
    '[',
    '{"a":}',
    '[1,]',
    '{"a" 1}',
    "['a']",
    '[01]',
    '"\\x"',
    '"a\nb"',
    '[1] x',
    'nul',
    'NaNa',
    '[-]',
    '\uFEFF[]',
  ])('refuses %j without showing it', (text) => {
    const error = codedError(() => read(text));
    expect(error.code).toBe('LOVAGE_BODY_UNDECODABLE');
    expect(error.message).toMatch(/position \d+/);
  });

  it('refuses bytes that are no UTF-8, and keeps a real replacement character', () => {
    expect(
      codedError(() => jsonSerializer.deserialize(Buffer.from([0x22, 0xff, 0x22]), reading)).message,
    ).toContain('it is no UTF-8 text');
    expect(read('"\uFFFD"')).toBe('\uFFFD');
  });

  it('is, for plain values, what JSON.stringify writes and JSON.parse reads', () => {
    const plain = fc
      .jsonValue()
      .filter((value) => !JSON.stringify(value).match(/__proto__|\d{16}/) && !hasMinusZero(value));
    fc.assert(
      fc.property(plain, (value) => {
        expect(write(value)).toBe(JSON.stringify(value));
        expect(read(JSON.stringify(value))).toEqual(value);
      }),
    );
  });
});

const hasMinusZero = (value: unknown): boolean =>
  Object.is(value, -0) ||
  (typeof value === 'object' && value !== null && Object.values(value).some(hasMinusZero));

describe('the exact JSON reader', () => {
  it('agrees with JSON.parse about every text that both read', () => {
    const texts = fc.oneof(
      fc.json(),
      fc.json({ stringUnit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...Array.from('{}[]",:0123456789.-+eE\\u ntrfalsby')) }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const [standard, exact] = [JSON.parse, readJson].map((parse) => {
          try {
            return { value: parse(text) as unknown };
          } catch {
            return undefined;
          }
        });
        if (text.includes('__proto__') || /\d{16}/.test(text)) return;
        expect(exact).toEqual(standard);
      }),
      { numRuns: 500 },
    );
  });
});
