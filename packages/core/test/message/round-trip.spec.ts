import fc from 'fast-check';
import type { CompressionName, SerializerName } from '../../src/message/codec-names.js';
import { decodeTask } from '../../src/message/decode-task.js';
import { encodeTask } from '../../src/message/encode-task.js';
import { decodeResult, encodeResult } from '../../src/message/result-document.js';
import { installOptionalLibraries } from './support/optional-libraries.js';
import { decoding, encoding, limits, taskMessage } from './support/sample-message.js';

installOptionalLibraries();

const serializers: readonly SerializerName[] = ['json', 'msgpack', 'yaml'];
const compressions: readonly (CompressionName | undefined)[] = [
  undefined,
  'zlib',
  'gzip',
  'bzip2',
  'lzma',
  'brotli',
  'zstd',
];
const pairs = serializers.flatMap((serializer) =>
  compressions.map((compression) => [serializer, compression] as const),
);

/** Text with everything that text may hold, halves of surrogate pairs excepted: those have no UTF-8. */
const text = fc.string({ unit: 'binary', maxLength: 20 }).filter((value) => !/\p{Surrogate}/u.test(value));
const key = fc
  .oneof(text, fc.constantFrom('yes', '1', 'a: b', '<<', 'constructor', 'toString', '__type__', ' '))
  // Below "constructor" a "prototype" is refused, as "__proto__" is everywhere.
  .filter((name) => name !== '__proto__' && name !== 'prototype');

/** Everything that all serializers carry, and nothing that they write as something else. */
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, false),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true }).map((number) => (number === 0 ? 0 : number)),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
    fc.date({
      // The YAML library reads years before 100 as 19xx.
      min: new Date('0100-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    }),
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
    text,
    fc.constantFrom(
      'yes',
      'null',
      '12:30',
      '2030-01-02',
      '1e5',
      '=',
      '~',
      "it's",
      '#',
      '- a',
      '\u2028',
      '\u0085',
      '\uFEFF',
    ),
    tie('array'),
    tie('object'),
  ),
  array: fc.array(tie('value'), { maxLength: 5 }),
  object: fc.dictionary(key, tie('value'), { maxKeys: 5 }),
})).value;

describe.each(pairs)('%s, compressed with %s', (serializer, compression) => {
  it('gives back the call that was sent', () => {
    const calls = fc.record({
      args: fc.array(values, { maxLength: 4 }),
      kwargs: fc.dictionary(key, values, { maxKeys: 4 }),
    });
    fc.assert(
      fc.property(calls, ({ args, kwargs }) => {
        const wire = encodeTask(taskMessage({ args, kwargs }), { ...encoding, serializer, compression });
        const message = decodeTask(wire, decoding);
        expect(message.args).toEqual(args);
        expect({ ...message.kwargs }).toEqual({ ...kwargs });
      }),
      { numRuns: compression === undefined ? 100 : 10 },
    );
  });
});

describe.each(serializers)('results as %s', (serializer) => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(values, (result) => {
        const record = {
          taskId: 't',
          state: 'SUCCESS',
          result,
          traceback: undefined,
          children: [],
          dateDone: new Date(1_700_000_000_123),
          groupId: 'g',
          parentId: undefined,
          extended: undefined,
        };
        expect(decodeResult(encodeResult(record, { serializer, limits }), decoding)).toEqual(record);
      }),
      { numRuns: 50 },
    );
  });
});
