import { isLovageError } from '../../src/errors/lovage-error.js';
import { decodeTask } from '../../src/message/decode-task.js';
import { encodeTask } from '../../src/message/encode-task.js';
import { noEmbed } from '../../src/message/no-embed.js';
import { peekIdentity } from '../../src/message/peek-identity.js';
import { codedError } from './support/coded-error.js';
import { installOptionalLibraries } from './support/optional-libraries.js';
import {
  definedFields,
  type RecordedMessage,
  recordedMessages,
  revived,
  wireOf,
} from './support/recorded.js';
import { decoding, encoding } from './support/sample-message.js';

installOptionalLibraries();

const title = (recorded: RecordedMessage, index: number): [string, RecordedMessage] => [
  `${index}: ${recorded.case}, Celery ${recorded.celery}, ${recorded.broker}`,
  recorded,
];
const readable = recordedMessages.filter(({ call }) => call !== undefined).map(title);
const refused = recordedMessages.filter((recorded) => recorded.refused !== undefined).map(title);

/** The recorded call as `decodeTask` gives it. */
function callOf({ call }: RecordedMessage): Record<string, unknown> {
  const expected = revived({ embed: noEmbed, ...call }) as Record<string, unknown>;
  for (const name of ['eta', 'expires']) {
    if (typeof expected[name] === 'string') expected[name] = new Date(expected[name]);
  }
  return expected;
}

describe('messages of real Celery', () => {
  it('are all here', () => {
    expect(recordedMessages).toHaveLength(readable.length + refused.length);
    expect(readable.length).toBeGreaterThan(130);
    const compressions = new Set(recordedMessages.map(({ headers }) => headers['compression']));
    expect(compressions).toEqual(
      new Set([
        'application/x-brotli',
        'application/x-bz2',
        'application/x-gzip',
        'application/x-lzma',
        'application/zstd',
        undefined,
      ]),
    );
  });

  it.each(readable)('%s decodes to its call', (_title, recorded) => {
    expect(definedFields(decodeTask(wireOf(recorded), decoding))).toEqual(callOf(recorded));
  });

  it.each(readable)('%s encoded again decodes to the same call', (_title, recorded) => {
    const message = decodeTask(wireOf(recorded), decoding);
    for (const serializer of ['json', 'msgpack', 'yaml'] as const) {
      const again = decodeTask(encodeTask(message, { ...encoding, serializer }), decoding);
      const { argsrepr, kwargsrepr, replacedTaskNesting, ...rest } = definedFields(message);
      expect(definedFields(again)).toMatchObject(rest);
      expect(again.argsrepr).toBe(argsrepr ?? again.argsrepr);
      expect(again.kwargsrepr).toBe(kwargsrepr ?? again.kwargsrepr);
      // Absent is 0.
      expect(again.replacedTaskNesting ?? 0).toBe(replacedTaskNesting ?? 0);
    }
  });

  it.each(refused)('%s is refused', (_title, recorded) => {
    const error = codedError(() => decodeTask(wireOf(recorded), decoding));
    expect(isLovageError(error)).toBe(true);
    expect(error.code).toBe(recorded.refused);
  });

  it('names the task of a refused pickle, and says what to do', () => {
    const pickle = recordedMessages.find(({ contentType }) =>
      contentType.includes('python'),
    ) as RecordedMessage;
    const error = codedError(() => decodeTask(wireOf(pickle), decoding));
    expect(error.details).toMatchObject(peekIdentity(wireOf(pickle)));
    expect(error.message).toContain(
      'Python pickle runs code when it is read and is never accepted; send json instead.',
    );
  });
});
