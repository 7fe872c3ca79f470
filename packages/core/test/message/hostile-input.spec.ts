import fc from 'fast-check';
import { decodeTask } from '../../src/message/decode-task.js';
import { encodedBytes } from '../../src/message/encoded.js';
import { encodeTask } from '../../src/message/encode-task.js';
import { jsonSerializer } from '../../src/message/json-serializer.js';
import { decodeResult, encodeResult } from '../../src/message/result-document.js';
import type { WireMessage } from '../../src/message/wire-message.js';
import { codeOf } from './support/coded-error.js';
import { installOptionalLibraries } from './support/optional-libraries.js';
import { recordedMessages, wireOf } from './support/recorded.js';
import { decoding, encoding, limits, taskMessage } from './support/sample-message.js';

installOptionalLibraries();

const contentTypes = ['application/json', 'application/x-msgpack', 'application/x-yaml'];
const compressions = [
  undefined,
  'application/x-gzip',
  'application/x-bz2',
  'application/x-lzma',
  'application/x-brotli',
  'application/zstd',
];

/** Anything but a coded error fails the test by itself. */
const decode = (message: WireMessage): string => codeOf(() => decodeTask(message, decoding));

const clean = JSON.stringify(Object.getOwnPropertyNames(Object.prototype));
afterEach(() => {
  expect(JSON.stringify(Object.getOwnPropertyNames(Object.prototype))).toBe(clean);
  expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
});

/** Changes some bytes, or cuts the end off. */
const mutations = fc.record({
  changes: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 5 }),
  cut: fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 50 }) },
  ),
});
type Mutation = typeof mutations extends fc.Arbitrary<infer T> ? T : never;

function mutated(bytes: Buffer, { changes, cut }: Mutation): Buffer {
  const copy = Buffer.from(bytes.subarray(0, Math.max(0, bytes.length - cut)));
  for (const [at, byte] of changes) if (copy.length > 0) copy[at % copy.length] = byte;
  return copy;
}

describe('hostile messages', () => {
  it.each(contentTypes)('random bytes as %s give a call or a coded error', (contentType) => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom(...compressions),
        (bytes, compression) => {
          const headers = { task: 'a', id: 'x', ...(compression === undefined ? {} : { compression }) };
          decode({
            contentType,
            contentEncoding: 'binary',
            headers,
            properties: {},
            body: Buffer.from(bytes),
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  it('recorded messages with changed bytes give a call or a coded error', () => {
    fc.assert(
      fc.property(fc.constantFrom(...recordedMessages), mutations, (recorded, mutation) => {
        const message = wireOf(recorded);
        decode({ ...message, body: mutated(encodedBytes(message.body), mutation) });
      }),
      { numRuns: 500 },
    );
  });

  it('text is read as its bytes are, whatever stands in it', () => {
    const pieces = [
      ...'{}[]":,1.é',
      '{"__proto__":1}',
      '"constructor"',
      '{"__type__":"date"',
      '\\u005f',
      '9007199254740993',
      '"a":',
      'NaN',
      '[['.repeat(20),
      ']]'.repeat(20),
    ];
    const read = (value: WireMessage['body']): unknown => {
      try {
        return jsonSerializer.deserialize(value, { limits, identity: {} });
      } catch (error) {
        return error;
      }
    };
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.array(fc.constantFrom(...pieces)).map((parts) => parts.join('')),
        ),
        (text) => {
          expect(read(text)).toEqual(read(Buffer.from(text)));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it.each(['zlib', 'bzip2', 'lzma', 'brotli', 'zstd'] as const)(
    'changed bytes of %s give a call or a coded error',
    (compression) => {
      const args = [Array.from({ length: 50 }, (_, index) => ({ index, text: 'x'.repeat(index) }))];
      const message = encodeTask(taskMessage({ args }), { ...encoding, compression });
      fc.assert(
        fc.property(mutations, (mutation) => {
          decode({ ...message, body: mutated(encodedBytes(message.body), mutation) });
        }),
        { numRuns: 300 },
      );
    },
  );

  it('headers of any kind give a call or a coded error', () => {
    const names = fc.oneof(
      fc.constantFrom(
        ...Object.keys(encodeTask(taskMessage(), encoding).headers),
        '__proto__',
        'constructor',
        'toString',
      ),
      fc.string(),
    );
    const headers = fc.array(fc.tuple(names, fc.anything({ maxDepth: 3, withNullPrototype: true })), {
      maxLength: 6,
    });
    const message = encodeTask(taskMessage(), encoding);
    fc.assert(
      fc.property(headers, fc.boolean(), (entries, keep) => {
        const given = Object.fromEntries(entries);
        decode({ ...message, headers: keep ? { ...message.headers, ...given } : given });
      }),
      { numRuns: 500 },
    );
  });

  it('any values as arguments are written or refused', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withBoxedValues: true,
      withNullPrototype: true,
      withSparseArray: true,
    });
    fc.assert(
      fc.property(anything, fc.constantFrom('json', 'msgpack', 'yaml'), (value, serializer) => {
        expect(
          codeOf(() => {
            const message = encodeTask(taskMessage({ args: [value] }), { ...encoding, serializer });
            decodeTask(message, decoding);
          }),
        ).toMatch(/^(?:no error|LOVAGE_VALUE_UNSERIALIZABLE|LOVAGE_HOSTILE_KEY)$/);
      }),
      { numRuns: 500 },
    );
  });
});

describe('hostile result documents', () => {
  it.each(['json', 'msgpack', 'yaml'] as const)(
    '%s with changed bytes gives a record or a coded error',
    (serializer) => {
      const record = {
        taskId: 't',
        state: 'FAILURE',
        result: { exc_type: 'E', exc_message: ['m'], exc_module: null },
        traceback: 'stack',
        children: [[['c', null], null]] as const,
        dateDone: new Date(0),
        groupId: undefined,
        parentId: undefined,
        extended: undefined,
      };
      const document = encodedBytes(encodeResult(record, { serializer, limits }));
      fc.assert(
        fc.property(mutations, (mutation) => {
          codeOf(() => decodeResult(mutated(document, mutation), decoding));
        }),
        { numRuns: 300 },
      );
    },
  );

  it('random bytes give a record or a coded error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        codeOf(() => decodeResult(Buffer.from(bytes), decoding));
      }),
      { numRuns: 500 },
    );
  });
});
