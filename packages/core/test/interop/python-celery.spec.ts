import { CeleryPeer, describeWith, python } from '@lovage/services';
import type { CompressionName, SerializerName } from '../../src/message/codec-names.js';
import { contentTypes } from '../../src/message/content-types.js';
import { decodeTask } from '../../src/message/decode-task.js';
import { encodeTask } from '../../src/message/encode-task.js';
import { errorToJson } from '../../src/message/error-json.js';
import { defaultMessageLimits as limits } from '../../src/message/message-limits.js';
import { errorFromJson } from '../../src/message/remote-error.js';
import { decodeResult, encodeResult } from '../../src/message/result-document.js';
import type { ResultRecord } from '../../src/message/result-record.js';
import type { TaskMessage } from '../../src/message/task-message.js';
import { installOptionalLibraries } from '../message/support/optional-libraries.js';
import { decimal, uuid } from '../../src/message/typed-value.js';
import { TASK_REVOKED, TASK_UNKNOWN } from '../../src/errors/task-errors.js';

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
const everyPair = serializers.flatMap((serializer) =>
  compressions.map((compression) => [serializer, compression] as const),
);
const accept = { acceptContent: contentTypes(['json', 'msgpack', 'yaml']), limits };

const id = '00000000-0000-4000-8000-000000000001';
const message: TaskMessage = {
  id,
  task: 'proj.add',
  args: [2, 'zwölf 🌿', [1.5, true, null], { deep: { er: [] } }],
  kwargs: { who: 'Zoë', times: 3, "it's": 'a "quote"\n' },
  embed: { callbacks: null, errbacks: null, chain: null, chord: null },
  retries: 0,
  rootId: id,
};

describeWith('celery', 'messages and results shared with Python Celery', () => {
  let peer: CeleryPeer;

  beforeAll(async () => {
    installOptionalLibraries();
    peer = new CeleryPeer();
    await peer.start();
  });

  afterAll(async () => {
    await peer.stop();
  });

  it('meets a Python that has every serializer and compression, so that nothing is left out unseen', () => {
    expect(peer.abilities.serializers).toEqual(expect.arrayContaining([...serializers]));
    expect(peer.abilities.compressions.join(' ')).toMatch(/bzip2/);
  });

  it.each(everyPair)('Python runs what we send as %s, compressed as %s', async (serializer, compression) => {
    const request = await peer.decode({ message: encodeTask(message, { serializer, compression, limits }) });
    expect(request).toMatchObject({
      task: 'proj.add',
      id,
      args: message.args,
      kwargs: message.kwargs,
      rootId: id,
      retries: 0,
      callbacks: null,
      errbacks: null,
      chain: null,
      chord: null,
      correlationId: id,
      argsrepr: "(2, 'zwölf 🌿', [1.5, True, None], {'deep': {'er': [...]}})",
    });
  });

  it.each(everyPair)('we run what Python sends as %s, compressed as %s', async (serializer, compression) => {
    const sent = await peer.encode({
      name: 'proj.add',
      args: message.args as never,
      kwargs: message.kwargs as never,
      options: { taskId: id, serializer, ...(compression === undefined ? {} : { compression }) },
    });
    expect(decodeTask(sent, accept)).toMatchObject({
      id,
      task: 'proj.add',
      args: message.args,
      kwargs: message.kwargs,
      embed: message.embed,
    });
    const { argsrepr, kwargsrepr } = encodeTask(message, { serializer, limits }).headers;
    expect({ argsrepr, kwargsrepr }).toEqual({
      argsrepr: sent.headers['argsrepr'],
      kwargsrepr: sent.headers['kwargsrepr'],
    });
  });

  it('gives Python every option of a call', async () => {
    const step = {
      task: 'proj.mul',
      args: [10],
      kwargs: {},
      options: { task_id: 'next' },
      subtask_type: null,
      immutable: false,
    };
    const request = await peer.decode({
      message: encodeTask(
        {
          ...message,
          shadow: 'sum',
          eta: new Date('2099-01-02T03:04:05.678Z'),
          expires: new Date('2099-02-03T04:05:06Z'),
          group: 'g1',
          groupIndex: 3,
          retries: 2,
          timeLimit: 20,
          softTimeLimit: 10,
          parentId: 'parent',
          ignoreResult: true,
          replyTo: 'replies',
          priority: 7,
          headers: { tenant: 'acme' },
          embed: { callbacks: [step], errbacks: [step], chain: [step], chord: step },
        },
        { serializer: 'json', limits },
      ),
    });
    expect(request).toMatchObject({
      shownName: 'sum',
      retries: 2,
      group: 'g1',
      groupIndex: 3,
      timeLimit: 20,
      softTimeLimit: 10,
      parentId: 'parent',
      ignoreResult: true,
      replyTo: 'replies',
      priority: 7,
      expired: false,
      callbacks: [step],
      errbacks: [step],
      chain: [step],
      chord: step,
    });
    expect(new Date(request.eta ?? '')).toEqual(new Date('2099-01-02T03:04:05.678Z'));
    expect(new Date(request.expires ?? '')).toEqual(new Date('2099-02-03T04:05:06Z'));
    expect(request.headers).toMatchObject({ tenant: 'acme', lang: 'js' });
  });

  it('reads every option of a call from Python, in its own time zone', async () => {
    const sent = await peer.encode({
      name: 'proj.add',
      args: [1, 2],
      settings: { timezone: 'Asia/Shanghai' },
      options: {
        taskId: id,
        countdown: 3600,
        expires: 7200,
        shadow: 'sum',
        priority: 5,
        timeLimit: 20,
        softTimeLimit: 10,
        link: [{ task: 'proj.mul', args: [10] }],
        rootId: 'root',
        parentId: 'parent',
        headers: { tenant: 'acme' },
      },
    });
    const read = decodeTask(sent, accept);
    expect(String(sent.headers['eta'])).toContain('+08:00');
    const { eta, expires } = read;
    expect((expires?.getTime() ?? 0) - (eta?.getTime() ?? 0)).toBeGreaterThan(3_500_000);
    expect((eta?.getTime() ?? 0) > Date.now()).toBe(true);
    expect(read).toMatchObject({
      shadow: 'sum',
      priority: 5,
      timeLimit: 20,
      softTimeLimit: 10,
      rootId: 'root',
      parentId: 'parent',
      headers: { tenant: 'acme' },
      embed: { callbacks: [{ task: 'proj.mul', args: [10] }] },
    });
  });

  it('runs a call of protocol 1', async () => {
    const sent = await peer.encode({
      name: 'proj.add',
      args: [2, 3],
      kwargs: { x: 1 },
      protocol: 1,
      options: { taskId: id },
    });
    expect(decodeTask(sent, accept)).toMatchObject({ id, task: 'proj.add', args: [2, 3], kwargs: { x: 1 } });
  });

  it('refuses what Python sends as pickle', async () => {
    const sent = await peer.encode({
      name: 'proj.add',
      args: [2, 3],
      options: { taskId: id, serializer: 'pickle' },
    });
    expect(() => decodeTask(sent, accept)).toThrow(
      expect.objectContaining({ code: 'LOVAGE_CONTENT_REFUSED' }),
    );
  });

  it('gives an older Python plain text for dates, decimals and UUIDs where that is asked for', async () => {
    const values = [new Date('2020-01-02T03:04:05.000Z'), decimal('1.10'), uuid(id), 2n ** 70n];
    const plain = await peer.decode({
      message: encodeTask(
        { ...message, args: values, kwargs: {} },
        { serializer: 'json', limits, jsonTypes: 'plain' },
      ),
    });
    expect(plain.args).toEqual([
      expect.stringMatching(/^2020-01-02T03:04:05/),
      '1.10',
      id,
      python.int(2n ** 70n),
    ]);
  });

  it('keeps bytes apart from text through msgpack', async () => {
    const request = await peer.decode({
      message: encodeTask(
        { ...message, args: [Buffer.from([0, 255]), 'text'], kwargs: {} },
        { serializer: 'msgpack', limits },
      ),
    });
    expect(request.args).toEqual([python.bytes(Buffer.from([0, 255])), 'text']);
    const back = await peer.encode({
      name: 'proj.add',
      args: [python.bytes(Buffer.from([0, 255])), 'text'],
      options: { taskId: id, serializer: 'msgpack' },
    });
    expect(
      decodeTask(back, accept).args.map((value) => (value instanceof Uint8Array ? [...value] : value)),
    ).toEqual([[0, 255], 'text']);
  });

  const record: ResultRecord = {
    taskId: id,
    state: 'SUCCESS',
    result: { total: 3, words: ['a', 'b'] },
    traceback: undefined,
    children: [[['child', null], null]],
    dateDone: new Date('2026-01-02T03:04:05.678Z'),
    groupId: undefined,
    parentId: 'parent',
    extended: undefined,
  };

  it.each(serializers)('shares results as %s', async (serializer) => {
    const read = await peer.decodeResult({
      document: encodeResult(record, { serializer, limits }),
      serializer,
    });
    expect(read).toMatchObject({
      status: 'SUCCESS',
      value: record.result,
      taskId: id,
      parentId: 'parent',
      exception: null,
    });
    const written = await peer.encodeResult({
      taskId: id,
      status: 'SUCCESS',
      value: { total: 3 },
      serializer,
    });
    expect(decodeResult(written, accept)).toMatchObject({
      taskId: id,
      state: 'SUCCESS',
      result: { total: 3 },
    });
  });

  it.each([
    [
      'an error of our own',
      new RangeError('out of reach', { cause: new Error('no hand') }),
      'RangeError',
      ['out of reach'],
    ],
    [
      'an unknown task',
      TASK_UNKNOWN.create({ taskName: 'proj.sub', registered: 1 }),
      'NotRegistered',
      ['proj.sub'],
    ],
  ])('gives Python %s as an exception', async (_, thrown, type, args) => {
    const failed = {
      ...record,
      state: 'FAILURE',
      result: errorToJson(thrown),
      traceback: 'Error: somewhere',
    };
    const read = await peer.decodeResult({ document: encodeResult(failed, { serializer: 'json', limits }) });
    expect(read).toMatchObject({ status: 'FAILURE', traceback: 'Error: somewhere', exception: { type } });
    expect(JSON.stringify(read.exception?.args)).toContain(JSON.stringify(args[0]));
    expect(read.exception?.bases).toContain('builtins.Exception');
  });

  it('gives Python a revocation that it can catch as such', async () => {
    const revoked = {
      ...record,
      state: 'REVOKED',
      result: errorToJson(TASK_REVOKED.create({ taskId: id, reason: 'expired' })),
    };
    const read = await peer.decodeResult({ document: encodeResult(revoked, { serializer: 'json', limits }) });
    expect(read.exception).toMatchObject({ type: 'TaskRevokedError', module: 'celery.exceptions' });
  });

  it('reads an exception of Python as data', async () => {
    const written = await peer.encodeResult({
      taskId: id,
      status: 'FAILURE',
      exception: { type: 'PaymentError', module: 'shop.errors', args: ['declined', 402] },
      traceback: 'Traceback (most recent call last): …',
    });
    const { result, traceback } = decodeResult(written, accept);
    const error = errorFromJson(result, traceback);
    expect(error).toMatchObject({
      code: 'LOVAGE_TASK_FAILED',
      name: 'PaymentError',
      type: 'PaymentError',
      module: 'shop.errors',
      args: ['declined', 402],
    });
    expect(error.message).toContain('declined');
    expect(error.remoteStack).toContain('Traceback');
  });
});
