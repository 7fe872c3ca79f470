import fc from 'fast-check';
import { VirtualClock } from '../../../src/clock/virtual-clock.js';
import { isLovageError } from '../../../src/errors/lovage-error.js';
import { WORKER_STOPPING } from '../../../src/errors/worker-errors.js';
import type { EncodeContext } from '../../../src/message/codec-context.js';
import { decodeTask } from '../../../src/message/decode-task.js';
import { encodeTask } from '../../../src/message/encode-task.js';
import { errorToJson } from '../../../src/message/error-json.js';
import { writeJson } from '../../../src/message/json-writer.js';
import { defaultMessageLimits } from '../../../src/message/message-limits.js';
import { isRemoteError } from '../../../src/message/remote-error.js';
import { date, decimal, time, uuid } from '../../../src/message/typed-value.js';
import { Retry } from '../../../src/task/outcome-signals.js';
import type { Outcome } from '../../../src/worker/outcome.js';
import { HopBatch, readBatch } from '../../../src/worker/pools/hop/hop-batch.js';
import { fromHopDelivery, toHopDelivery } from '../../../src/worker/pools/hop/hop-delivery.js';
import { fromHopError, type HopError, toHopError } from '../../../src/worker/pools/hop/hop-error.js';
import { HopLines } from '../../../src/worker/pools/hop/hop-lines.js';
import { fromHopOutcome, type HopOutcome, toHopOutcome } from '../../../src/worker/pools/hop/hop-outcome.js';
import { fromHopValue, type HopValue, toHopValue } from '../../../src/worker/pools/hop/hop-value.js';

const context: EncodeContext = {
  limits: defaultMessageLimits,
  jsonTypes: 'typed',
  where: 'result',
  maxBytes: defaultMessageLimits.maxBytes,
  identity: { taskId: 'task-1', taskName: 't' },
};

/** As the other side gets it. */
const hopped = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const written = (value: unknown): string => writeJson(value, context, 0);
const acrossValue = (value: unknown): unknown => fromHopValue(hopped<HopValue>(toHopValue(value, context)));
const acrossError = (error: unknown): Error => fromHopError(hopped<HopError>(toHopError(error)));
const across = (outcome: Outcome): Outcome =>
  fromHopOutcome(hopped<HopOutcome>(toHopOutcome(outcome, context)));

const leaf = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.string(),
  fc.double(),
  fc.integer(),
  fc.bigInt(),
  fc.date({ min: new Date('0001-01-02'), max: new Date('9999-12-30'), noInvalidDate: true }),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(
    decimal('1.10'),
    uuid('12345678-1234-5678-1234-567812345678'),
    date('2030-01-02'),
    time('03:04:05'),
  ),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('any')), fc.dictionary(fc.string(), tie('any'))),
})).any;

describe('a value between parent and child', () => {
  it('is written by a serializer as it would have been without the hop', () => {
    fc.assert(
      fc.property(value, (given) => {
        const outcomeOf = (write: () => string): string => {
          try {
            return write();
          } catch (error) {
            return String(error);
          }
        };
        expect(outcomeOf(() => written(acrossValue(given)))).toBe(outcomeOf(() => written(given)));
      }),
    );
  });

  it('is refused where a result store would refuse it, with the same words', () => {
    expect(() => toHopValue({ f: () => 1 }, context)).toThrow(/result\.f is a function/);
    expect(() => toHopValue('x'.repeat(2000), { ...context, maxBytes: 1024 })).toThrow(
      expect.objectContaining({ code: 'LOVAGE_MESSAGE_TOO_LARGE' }),
    );
  });
});

describe('an error between parent and child', () => {
  class PaymentRefused extends Error {
    readonly code = 'E_CARD';
  }

  it('keeps class, message, code, stack and causes', () => {
    const error = new PaymentRefused('no money', { cause: new RangeError('limit', { cause: 'because' }) });
    const back = acrossError(error);
    expect(isRemoteError(back)).toBe(true);
    expect(back).toMatchObject({ name: 'PaymentRefused', message: 'no money', remoteCode: 'E_CARD' });
    expect(back.stack).toContain(error.stack);
    expect(back.cause).toMatchObject({ name: 'RangeError', message: 'limit' });
    expect(errorToJson(back)).toEqual(errorToJson(error));
  });

  it('is itself again where it is one of this library', () => {
    const cause = WORKER_STOPPING.create({ taskId: 'inner', taskName: 't' });
    const error = WORKER_STOPPING.create({ taskId: 'task-1', taskName: 't' }, cause);
    const back = acrossError(error);
    expect(isRemoteError(back)).toBe(false);
    expect(isLovageError(back, 'LOVAGE_WORKER_STOPPING')).toBe(true);
    expect(back).toMatchObject({ message: error.message, details: { taskId: 'task-1' }, stack: error.stack });
    expect(back.cause).toMatchObject({ code: 'LOVAGE_WORKER_STOPPING', details: { taskId: 'inner' } });
    expect(errorToJson(back)).toEqual(errorToJson(error));
  });

  it('may be anything', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true }), (thrown) => {
        expect(errorToJson(acrossError(thrown))).toEqual(errorToJson(thrown));
      }),
    );
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
        has: () => {
          throw new Error('no');
        },
      },
    );
    expect(acrossError(hostile).message).toContain('can not be shown');
  });
});

describe('an outcome between parent and child', () => {
  it('stays what it is', () => {
    expect(across({ kind: 'succeeded', value: undefined })).toEqual({ kind: 'succeeded', value: undefined });
    expect(across({ kind: 'ignored' })).toEqual({ kind: 'ignored' });
    expect(across({ kind: 'rejected', reason: 'bad', requeue: true })).toEqual({
      kind: 'rejected',
      reason: 'bad',
      requeue: true,
    });
    expect(across({ kind: 'retried', retry: new Retry(new Error('later'), 1234) })).toMatchObject({
      kind: 'retried',
      retry: { notBeforeMs: 1234, error: { message: 'later' } },
    });
    expect(across({ kind: 'retried', retry: new Retry(undefined, 1) })).toMatchObject({
      retry: { error: undefined },
    });
  });

  it('is a failure where the value can not be written', () => {
    expect(across({ kind: 'succeeded', value: Symbol('x') })).toMatchObject({
      kind: 'failed',
      error: { code: 'LOVAGE_VALUE_UNSERIALIZABLE' },
    });
  });
});

describe('a delivery on its way to a child', () => {
  const message = encodeTask(
    {
      id: 'task-1',
      task: 't',
      args: ['ü', 1],
      kwargs: {},
      embed: { callbacks: null, errbacks: null, chain: null, chord: null },
      retries: 0,
      rootId: 'task-1',
    },
    { serializer: 'json', limits: defaultMessageLimits },
  );
  const place = { queue: 'q', exchange: '', routingKey: 'q', deliveries: 2, redelivered: true };

  it('keeps its message, as text or as bytes', () => {
    const bytes = Buffer.from(message.body as string);
    for (const body of [message.body, bytes]) {
      const back = fromHopDelivery(
        hopped(toHopDelivery({ ...place, message: { ...message, body } }, defaultMessageLimits)),
      );
      expect(back).toMatchObject(place);
      expect(back.message.headers).toEqual(message.headers);
      expect(back.message.body).toBe(message.body);
    }
  });

  it('has every header that a worker has read, also the deepest', () => {
    const { maxDepth } = defaultMessageLimits;
    const options = { acceptContent: new Set(['application/json']), limits: defaultMessageLimits };
    let deep: unknown = 10n ** 20n;
    for (let depth = 0; depth < maxDepth - 1; depth += 1) deep = [deep];
    const given = { ...message, headers: { id: 'task-1', task: 't', tenant: deep }, body: '[[],{},{}]' };
    expect(decodeTask(given, options).id).toBe('task-1');
    const there = fromHopDelivery(hopped(toHopDelivery({ ...place, message: given }, defaultMessageLimits)));
    expect(decodeTask(there.message, options).id).toBe('task-1');
  });

  it('keeps bytes that are no text', () => {
    const body = Buffer.from([0xff, 0, 0x80]);
    for (const wire of [
      { ...message, contentType: 'application/x-msgpack', body },
      { ...message, headers: { ...message.headers, compression: 'application/x-gzip' }, body },
    ]) {
      const back = fromHopDelivery(hopped(toHopDelivery({ ...place, message: wire }, defaultMessageLimits)));
      expect(back.message.body).toEqual(body);
    }
  });
});

describe('a batch', () => {
  it('holds what is told in one turn, as it was when it was told', async () => {
    const clock = new VirtualClock();
    const lines: string[] = [];
    const batch = new HopBatch<{ list: number[] }>(clock, (line) => lines.push(line));
    const list = [1];
    batch.tell({ list });
    list.push(2);
    batch.tell({ list });
    expect(lines).toEqual([]);
    await clock.settle();
    batch.tell({ list: [] });
    await clock.settle();
    expect(lines.map((line) => readBatch(line))).toEqual([[{ list: [1] }, { list: [1, 2] }], [{ list: [] }]]);
  });

  it('leaves before the end of the turn when it has grown large', () => {
    const lines: string[] = [];
    const batch = new HopBatch<string>(new VirtualClock(), (line) => lines.push(line));
    batch.tell('x'.repeat(300_000));
    expect(lines).toHaveLength(1);
  });

  it('is not what somebody else has written', () => {
    expect(readBatch('hello')).toBeUndefined();
    expect(readBatch('{"kind":"ended"}')).toBeUndefined();
  });
});

describe('lines', () => {
  it('are put together again, wherever the stream was cut', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string().map((line) => line.replaceAll('\n', '')),
          { maxLength: 8 },
        ),
        fc.array(fc.nat(20)),
        (lines, cuts) => {
          const text = lines.map((line) => `${line}\n`).join('');
          const heard: string[] = [];
          const splitter = new HopLines((line) => heard.push(line));
          let at = 0;
          for (const cut of cuts) {
            splitter.push(text.slice(at, at + cut));
            at += cut;
          }
          splitter.push(text.slice(at));
          expect(heard).toEqual(lines);
        },
      ),
    );
  });
});
