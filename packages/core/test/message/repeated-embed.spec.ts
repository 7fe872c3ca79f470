import { decodeTask } from '../../src/message/decode-task.js';
import type { TaskMessage } from '../../src/message/task-message.js';
import { encodeTask } from '../../src/message/encode-task.js';
import type { SignatureJson } from '../../src/message/signature-json.js';
import { codeOf } from './support/coded-error.js';
import { decoding, encoding, limits, taskMessage, wireMessage } from './support/sample-message.js';

const body = (args: readonly unknown[]): SignatureJson => ({
  task: 'body',
  args,
  kwargs: {},
  options: { task_id: 'ü' },
  subtask_type: null,
  immutable: false,
});
const embedOf = (args: readonly unknown[]) => ({
  callbacks: null,
  errbacks: null,
  chain: null,
  chord: body(args),
});

/** As a worker reads the members of a chord, one after the other. */
const read = (args: readonly unknown[], bodyArgs: readonly unknown[]): TaskMessage =>
  decodeTask(encodeTask(taskMessage({ args, embed: embedOf(bodyArgs) }), encoding), decoding);

/** Of texts, as any client may have written them. */
const readText = (text: string): TaskMessage =>
  decodeTask(wireMessage({ bytes: Buffer.from(text) }), decoding);

describe('what follows all members of a chord', () => {
  it('is read once, and each has its own arguments', () => {
    const [, second, third, fourth] = [0, 1, 2, 3].map((n) => read([n, 'ü'], [new Date(0), [1]]));
    expect(third?.embed).toBe(fourth?.embed);
    expect(third).toStrictEqual({ ...second, args: [2, 'ü'], argsrepr: "(2, 'ü')" });
    expect(fourth?.args).toEqual([3, 'ü']);
  });

  it('is read again where it is another', () => {
    for (const args of [[1], [1], [1], [2], [1], [2], [2], [2]])
      expect(read([0], args).embed).toEqual(embedOf(args));
  });

  it.each([
    ['an argument of the body', [[1, { callbacks: null, chord: 7 }]]],
    ['the last argument of the body', [1, { callbacks: 1 }]],
  ])('is not taken for %s that looks like it', (_what, args) => {
    for (let time = 0; time < 4; time += 1) expect(read([time], args).embed).toEqual(embedOf(args));
  });

  it('is not found in a body that has no place for it', () => {
    for (let time = 0; time < 4; time += 1) read([time], [3]);
    const embed = JSON.stringify(embedOf([3]));
    expect(readText(`[[0],{},${embed}]`).args).toEqual([0]);
    for (const text of [`[[0],${embed}]`, `[[0],{},{},${embed}]`, `[${embed}]`, `[[0],{"a":{},${embed}]`])
      expect(codeOf(() => readText(text))).toMatch(/LOVAGE_(MESSAGE_INVALID|BODY_UNDECODABLE)/);
  });

  it('is refused by an app that wants less depth', () => {
    const args = [[[[['deep']]]]];
    for (let time = 0; time < 4; time += 1) read([time], args);
    const message = encodeTask(taskMessage({ embed: embedOf(args) }), encoding);
    const shallow = { ...decoding, limits: { ...limits, maxDepth: 6 } };
    expect(codeOf(() => decodeTask(message, shallow))).toBe('LOVAGE_MESSAGE_TOO_DEEP');
  });
});
