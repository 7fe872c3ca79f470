import { decodeTask } from '../../src/message/decode-task.js';
import { encodeTask } from '../../src/message/encode-task.js';
import type { Embed } from '../../src/message/task-message.js';
import type { SignatureJson } from '../../src/message/signature-json.js';
import { withoutLast } from '../../src/message/read-signatures.js';
import { writeTask, WrittenTask } from '../../src/message/written-task.js';
import { codeOf } from './support/coded-error.js';
import { decoding, encoding, limits, taskMessage } from './support/sample-message.js';

const step = (task: string, args: readonly unknown[] = []): SignatureJson => ({
  task,
  args,
  kwargs: {},
  options: { task_id: `id of ${task}` },
  subtask_type: null,
  immutable: false,
});

/** As a worker has it that has read the message. */
function readBack(embed: Embed): Embed {
  return decodeTask(encodeTask(taskMessage({ embed }), encoding), decoding).embed;
}

const embed: Embed = {
  callbacks: [step('a', [new Date(0), 'ü"\\'])],
  errbacks: null,
  chain: [step('c'), step('b', [Buffer.from('b')])],
  chord: step('d', [-0, 2 ** 60]),
};

const alone = (chain: readonly SignatureJson[]): Embed => ({
  callbacks: null,
  errbacks: null,
  chain,
  chord: null,
});

describe('what follows a task and was read from its message', () => {
  it('is written as it would be without that', () => {
    const again = { ...readBack(embed) };
    const { body } = encodeTask(taskMessage({ embed }), encoding);
    for (const time of ['first', 'second'])
      expect([time, writeTask(taskMessage({ embed: again }), encoding).body]).toStrictEqual([time, body]);
  });

  it('is not read again in this process, and is the same', () => {
    const chain = withoutLast(readBack(embed).chain ?? []);
    const message = writeTask(taskMessage({ embed: alone(chain) }), encoding);
    expect(message).toBeInstanceOf(WrittenTask);
    const { body, headers, properties, contentType, contentEncoding } = message;
    const copy = { body, headers, properties, contentType, contentEncoding };
    expect(decodeTask(message, decoding).embed.chain?.[0]).toBe(chain[0]);
    expect(decodeTask(message, decoding).embed).toStrictEqual(decodeTask(copy, decoding).embed);
  });

  it('is written from step to step as if each had been written anew', () => {
    const steps = [step('e'), step('d', ['],"']), step('c', [-0]), step('b', [new Date(0), 'ü']), step('a')];
    let chain = readBack({ ...embed, chain: steps }).chain ?? [];
    for (let left = steps.length - 1; left > 0; left -= 1) {
      chain = withoutLast(chain);
      const { body } = encodeTask(taskMessage({ embed: alone(steps.slice(0, left)) }), encoding);
      const written = WrittenTask.of(taskMessage({ embed: alone(chain) }), encoding);
      expect(written?.body).toBe(body);
    }
  });

  it('is measured anew where a step goes on under other limits', () => {
    const chain =
      readBack({ ...embed, chain: [step('c', [[[['deep']]]]), step('b'), step('a')] }).chain ?? [];
    const rest = withoutLast(chain);
    expect(WrittenTask.of(taskMessage({ embed: alone(rest) }), encoding)?.body).toContain('deep');
    const shallow = { ...limits, maxDepth: 6 };
    const write = (): unknown =>
      writeTask(taskMessage({ embed: alone(withoutLast(rest)) }), {
        ...encoding,
        limits: shallow,
      }).body;
    expect(codeOf(write)).toBe('LOVAGE_MESSAGE_TOO_DEEP');
  });

  it('is written at once where others have it, and could change it', () => {
    for (const one of [embed, { ...readBack(embed), chain: [step('b')] }, { ...readBack(embed), chain: [] }])
      expect(WrittenTask.of(taskMessage({ embed: one }), encoding)).toBeUndefined();
  });

  it('is measured against the limits of each app', () => {
    const deep = { ...embed, callbacks: [step('a', [[[[['deep']]]]])] };
    const message = writeTask(taskMessage({ embed: readBack(deep) }), encoding);
    expect(message.body).toContain('deep');
    const shallow = { ...limits, maxDepth: 6 };
    expect(codeOf(() => decodeTask(message, { ...decoding, limits: shallow }))).toBe(
      'LOVAGE_MESSAGE_TOO_DEEP',
    );
    const write = (): unknown =>
      writeTask(taskMessage({ embed: readBack(deep) }), { ...encoding, limits: shallow }).body;
    expect(codeOf(write)).toBe('LOVAGE_MESSAGE_TOO_DEEP');
  });
});
