import fc from 'fast-check';
import { contentTypes } from '../../src/message/content-types.js';
import { decodeTask } from '../../src/message/decode-task.js';
import { encodeTask } from '../../src/message/encode-task.js';
import type { TaskMessage } from '../../src/message/task-message.js';
import type { WireMessage } from '../../src/message/wire-message.js';
import { roughBodyLength, writeTask, WrittenTask } from '../../src/message/written-task.js';
import { codeOf } from './support/coded-error.js';
import { decoding, encoding, limits, taskMessage } from './support/sample-message.js';

const copyOf = (message: WireMessage): WireMessage => JSON.parse(JSON.stringify(message)) as WireMessage;

/** The call without what encoding adds where it is absent: texts for displays, and a count of 0. */
function callOf(message: WireMessage): Partial<TaskMessage> {
  const { argsrepr, kwargsrepr, replacedTaskNesting, ...call } = decodeTask(message, decoding);
  expect([argsrepr ?? '', kwargsrepr ?? '', replacedTaskNesting ?? 0]).toHaveLength(3);
  return call;
}

function written(fields: Partial<TaskMessage> = {}): WrittenTask {
  const message = WrittenTask.of(taskMessage(fields), encoding);
  if (message === undefined) throw new Error('it should be kept in this form');
  return message;
}

describe('a message that is written when it is read', () => {
  const words = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\ud800', '__type__', ''),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
  );

  it('is what would have been written at once', () => {
    fc.assert(
      fc.property(
        fc.array(words),
        fc.record(
          { priority: fc.nat(9), ignoreResult: fc.boolean(), origin: fc.string(), argsrepr: fc.string() },
          { requiredKeys: [] },
        ),
        (args, fields) => {
          const call = taskMessage({ args, ...fields });
          const message = writeTask(call, encoding);
          const expected = encodeTask(call, encoding);
          expect(callOf(message)).toEqual(callOf(expected));
          expect(copyOf(message)).toEqual(copyOf(expected));
          expect(message.body).toBe(expected.body);
          expect(message.headers).toEqual(expected.headers);
          expect(message.properties).toEqual(expected.properties);
          expect(callOf(message)).toEqual(callOf(expected));
        },
      ),
    );
  });

  it('stays as it was sent, whatever the sender and the tasks do with the arguments', () => {
    const args = ['a', 2];
    const kwargs: Record<string, unknown> = {};
    const message = written({ args, kwargs });
    args.push('later');
    kwargs['later'] = 1;
    const first = decodeTask(message, decoding);
    (first.args as unknown[]).push('by the task');
    (first.kwargs as Record<string, unknown>)['more'] = true;
    const second = decodeTask(message, decoding);
    expect([second.args, second.kwargs]).toEqual([['a', 2], {}]);
    expect(message.body).toMatch(/^\[\["a",2\],\{\},/);
    expect(Object.isFrozen(message.headers)).toBe(true);
  });

  it.each<[string, Partial<TaskMessage>]>([
    ['an argument that can change', { args: [[1]] }],
    ['an argument that JSON would lose', { args: [undefined] }],
    ['a number that JSON would change', { args: [-0] }],
    ['keyword arguments', { kwargs: { a: 1 } }],
    ['a time', { eta: new Date(0) }],
    ['a date of expiry', { expires: new Date(0) }],
    ['headers', { headers: { a: 1 } }],
    ['a following task', { embed: { callbacks: [], errbacks: null, chain: null, chord: null } }],
    ['a group', { group: 'g', groupIndex: 0 }],
    ['a time limit', { timeLimit: 1 }],
    ['text that may be too large', { args: ['x'.repeat(limits.maxBytes / 6)] }],
  ])('is written at once when it holds %s', (_what, fields) => {
    expect(WrittenTask.of(taskMessage(fields), encoding)).toBeUndefined();
    const message = writeTask(taskMessage(fields), encoding);
    expect(copyOf(message)).toEqual(copyOf(encodeTask(taskMessage(fields), encoding)));
    expect(roughBodyLength(message)).toBe(message.body.length);
  });

  it('is written at once for another serializer, with compression, and for narrow limits', () => {
    const call = taskMessage();
    expect(WrittenTask.of(call, { ...encoding, serializer: 'msgpack' })).toBeUndefined();
    expect(WrittenTask.of(call, { ...encoding, compression: 'zlib' })).toBeUndefined();
    expect(WrittenTask.of(call, { ...encoding, limits: { ...limits, maxDepth: 1 } })).toBeUndefined();
  });

  it('refuses what no worker could read at once', () => {
    expect(codeOf(() => writeTask(taskMessage({ id: '' }), encoding))).toBe('LOVAGE_MESSAGE_INVALID');
  });

  it('is refused where its body would be', () => {
    const message = written({ args: ['x'.repeat(200)] });
    const cases = [
      { ...decoding, acceptContent: contentTypes(['yaml']) },
      { ...decoding, limits: { ...limits, maxBytes: 100 } },
      { ...decoding, limits: { ...limits, maxDepth: 1 } },
    ];
    const expected = encodeTask(taskMessage({ args: ['x'.repeat(200)] }), encoding);
    for (const options of cases)
      expect(codeOf(() => decodeTask(message, options))).toBe(codeOf(() => decodeTask(expected, options)));
  });

  it('tells its length roughly', () => {
    for (const args of [[], [1, 2], ['x'.repeat(5000)]]) {
      const message = written({ args });
      expect(Math.abs(roughBodyLength(message) - message.body.length)).toBeLessThan(100);
    }
  });
});
