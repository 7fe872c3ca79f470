import { decodeResult, encodeResult } from '../../src/message/result-document.js';
import type { ResultRecord } from '../../src/message/result-record.js';
import { codedError, codeOf } from './support/coded-error.js';
import { decoding, limits, taskId } from './support/sample-message.js';

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
const json = { serializer: 'json', limits } as const;
const read = (text: string): ResultRecord => decodeResult(Buffer.from(text), decoding);

describe('encodeResult', () => {
  it("writes Celery's document", () => {
    expect(encodeResult(record(), json).toString()).toBe(
      '{"status":"SUCCESS","result":5,"traceback":null,"children":[],"date_done":"2030-01-02T03:04:05.678000+00:00",' +
        `"task_id":"${taskId}"}`,
    );
    const full = record({
      state: 'FAILURE',
      result: { exc_type: 'E', exc_message: ['m'], exc_module: null },
      traceback: 'Error: "m"\n',
      children: [[['child', [['parent', null], null]], [[['member', null], null]]]],
      dateDone: undefined,
      groupId: 'g"1',
      parentId: 'p',
    });
    expect(JSON.parse(encodeResult(full, json).toString())).toEqual({
      status: 'FAILURE',
      result: { exc_type: 'E', exc_message: ['m'], exc_module: null },
      traceback: 'Error: "m"\n',
      children: [[['child', [['parent', null], null]], [[['member', null], null]]]],
      date_done: null,
      group_id: 'g"1',
      parent_id: 'p',
      task_id: taskId,
    });
    expect(decodeResult(encodeResult(full, json), decoding)).toEqual(full);
  });

  it.each(['json', 'msgpack', 'yaml'] as const)('adds the extended fields as %s', (serializer) => {
    const extended = {
      name: 'math.add',
      args: [2, 3],
      kwargs: { a: 1 },
      worker: 'w@h',
      retries: 1,
      queue: 'celery',
    };
    const document = encodeResult(record({ extended }), { serializer, limits });
    expect(decodeResult(document, decoding)).toEqual(record({ extended }));
  });

  it.each<[string, unknown, string, string]>([
    ['a function', { rows: [() => 1] }, 'LOVAGE_VALUE_UNSERIALIZABLE', 'result.rows[0] is a function'],
    ['a Map', new Map(), 'LOVAGE_VALUE_UNSERIALIZABLE', 'result is a Map'],
    ['too much', 'x'.repeat(2 << 20), 'LOVAGE_MESSAGE_TOO_LARGE', 'the limit is 1048576'],
    [
      'deep nesting',
      JSON.parse('['.repeat(64) + ']'.repeat(64)),
      'LOVAGE_MESSAGE_TOO_DEEP',
      'deeper than 64 levels',
    ],
    ['a hostile key', JSON.parse('{"__proto__":1}'), 'LOVAGE_HOSTILE_KEY', '__proto__'],
  ])('refuses %s, and names the task', (_title, result, code, problem) => {
    const error = codedError(() => encodeResult(record({ result }), { ...json, taskName: 'math.add' }));
    expect(error.code).toBe(code);
    expect(error.message).toContain(problem);
    expect(error.details).toMatchObject({ taskId, taskName: 'math.add' });
  });

  it('says in the details of an unserializable value that it is the result', () => {
    expect(codedError(() => encodeResult(record({ result: Symbol('x') }), json)).details).toMatchObject({
      where: 'result',
    });
  });

  it('accepts the nesting that it can read, and no more', () => {
    const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
    const document = encodeResult(record({ result: nested(63) }), json);
    expect(decodeResult(document, decoding).result).toEqual(nested(63));
    const deeper = Buffer.from(document.toString().replace('[[', '[[[').replace(']]', ']]]'));
    expect(codeOf(() => decodeResult(deeper, decoding))).toBe('LOVAGE_MESSAGE_TOO_DEEP');
  });
});

describe('decodeResult', () => {
  it('reads what is usual and what is not to the same record', () => {
    for (const result of [
      5,
      'text',
      '"}',
      ',"traceback":null',
      null,
      [1, { a: 'b' }],
      'é',
      '\uFFFD',
      1n << 70n,
      new Date(0),
    ]) {
      for (const fields of [
        {},
        { groupId: 'g' },
        { taskId: 'short' },
        { dateDone: undefined },
        { traceback: 't' },
      ]) {
        const written = record({ result, ...fields });
        expect(decodeResult(encodeResult(written, json), decoding)).toEqual(written);
      }
    }
  });

  it('takes a foreign document that begins and ends as usual for what it is', () => {
    const usual = encodeResult(record(), json).toString();
    expect(read(usual.replace('"result":5', '"result":5,"more":1'))).toEqual(record());
    expect(read(usual.replace('"result":5', '"result":5,"status":"FAILURE"'))).toEqual(
      record({ state: 'FAILURE' }),
    );
    expect(codeOf(() => read(usual.replace('"result":5', '"result":5 5')))).toBe('LOVAGE_BODY_UNDECODABLE');
    expect(codeOf(() => read(usual.replace('"result":5', '"result":{"__proto__":1}')))).toBe(
      'LOVAGE_HOSTILE_KEY',
    );
    const bytes = Buffer.from(usual.replace('"result":5', '"result":"?"'));
    bytes[bytes.indexOf('?')] = 0xff;
    expect(codeOf(() => decodeResult(bytes, decoding))).toBe('LOVAGE_BODY_UNDECODABLE');
  });

  it('reads times with any offset, and none as UTC', () => {
    const at = (time: string): Date | undefined =>
      read(`{"status":"S","task_id":"t","date_done":"${time}"}`).dateDone;
    expect(at('2026-11-20T22:03:55.850698')).toEqual(new Date(Date.UTC(2026, 10, 20, 22, 3, 55, 850)));
    expect(at('2026-11-21T06:03:55+08:00')).toEqual(new Date(Date.UTC(2026, 10, 20, 22, 3, 55)));
    expect(at('yesterday')).toBeUndefined();
  });

  it('leaves out children that are no handles', () => {
    const text =
      '{"status":"SUCCESS","task_id":"t","children":[[["a",null],null],5,[],[[7,null],null],["b",null],[["c","x"],{}]]}';
    expect(read(text).children).toEqual([
      [['a', null], null],
      [['c', null], null],
    ]);
  });

  it.each<[string, string, string]>([
    ['no object', '[1]', 'LOVAGE_MESSAGE_INVALID'],
    ['an empty object', '{}', 'LOVAGE_MESSAGE_INVALID'],
    ['no task id', '{"status":"SUCCESS"}', 'LOVAGE_MESSAGE_INVALID'],
    ['no status', '{"task_id":"t"}', 'LOVAGE_MESSAGE_INVALID'],
    ['a status that is a number', '{"task_id":"t","status":1}', 'LOVAGE_MESSAGE_INVALID'],
    ['nothing', '', 'LOVAGE_MESSAGE_INVALID'],
    ['broken JSON', '{"status"', 'LOVAGE_BODY_UNDECODABLE'],
    ['a hostile key', '{"status":"S","task_id":"t","result":{"__proto__":1}}', 'LOVAGE_HOSTILE_KEY'],
    ['deep nesting', `{"status":${'['.repeat(100)}`, 'LOVAGE_MESSAGE_TOO_DEEP'],
    ['too many bytes', `{"status":"${'x'.repeat(5 << 20)}"}`, 'LOVAGE_MESSAGE_TOO_LARGE'],
  ])('refuses %s', (_title, text, code) => {
    expect(codeOf(() => read(text))).toBe(code);
  });

  it('tells the serializer by the first byte, and reads only what is accepted', () => {
    for (const serializer of ['json', 'msgpack', 'yaml'] as const) {
      expect(decodeResult(encodeResult(record(), { serializer, limits }), decoding)).toEqual(record());
    }
    expect(read('children: []\nresult: 5\nstatus: SUCCESS\ntask_id: t\n')).toMatchObject({
      taskId: 't',
      result: 5,
    });
    const onlyJson = { ...decoding, acceptContent: new Set(['application/json']) };
    const packed = encodeResult(record(), { serializer: 'msgpack', limits });
    expect(codedError(() => decodeResult(packed, onlyJson)).message).toContain(
      'content type "application/x-msgpack" is not accepted',
    );
  });
});
