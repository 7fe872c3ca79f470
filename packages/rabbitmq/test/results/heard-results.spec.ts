import { type StoredResult, VirtualClock } from '@lovage/core';
import { HeardResults } from '../../src/results/heard-results.js';
import { contentOf, readReply, stateOf } from '../../src/results/reply-document.js';

const record = (taskId: string, state: string, document = state): StoredResult => ({
  taskId,
  state,
  document,
});

describe('HeardResults', () => {
  it('keeps the latest record, and what is over', () => {
    const heard = new HeardResults(new VirtualClock());
    for (const state of ['STARTED', 'PROGRESS', 'FAILURE', 'STARTED', 'SUCCESS', 'FAILURE', 'SUCCESS'])
      heard.hear(record('a', state));
    expect(heard.get('a')).toMatchObject({ state: 'SUCCESS' });
    heard.forget('a');
    heard.forget('a');
    expect(heard.get('a')).toBeUndefined();
  });

  it('tells those who watch, and goes on when one of them throws', () => {
    const clock = new VirtualClock();
    const later: (() => void)[] = [];
    clock.endOfTurn = (action) => later.push(action);
    const heard = new HeardResults(clock);
    const told: string[] = [];
    const good = { tell: ({ taskId, state }: StoredResult) => told.push(`${taskId} ${state}`) };
    const bad = {
      tell: () => {
        throw new Error('of a listener');
      },
    };
    heard.watch('a', bad);
    heard.watch('a', good);
    heard.watch('b', good);
    heard.hear(record('a', 'STARTED'));
    heard.hear(record('c', 'STARTED'));
    heard.unwatch('a', good);
    heard.unwatch('a', good);
    heard.hear(record('a', 'SUCCESS'));
    heard.hear(record('b', 'SUCCESS'));
    expect(told).toStrictEqual(['a STARTED', 'b SUCCESS']);
    expect(later).toHaveLength(2);
    for (const action of later) expect(action).toThrow('of a listener');
  });

  it('lets the oldest go when there are too many', () => {
    const heard = new HeardResults(new VirtualClock());
    for (let n = 0; n < 10_005; n += 1) heard.hear(record(`t${n}`, 'SUCCESS'));
    expect([heard.get('t4'), heard.get('t5')?.taskId]).toStrictEqual([undefined, 't5']);
    const large = 'x'.repeat(40 * 1024 * 1024);
    heard.hear(record('large', 'SUCCESS', large));
    heard.hear(record('larger', 'SUCCESS', large));
    expect(heard.get('large')).toBeUndefined();
    expect(heard.get('larger')).toBeDefined();
  });
});

describe('a reply', () => {
  it.each([
    ['of Lovage', '{"status":"SUCCESS","result":1,"traceback":null,"children":[],"task_id":"t"}', 'SUCCESS'],
    ['of Celery', '{"task_id": "t", "status": "own \u{1f33f}", "result": {"status": "x"}}', 'own \u{1f33f}'],
    [
      'in another order',
      '{"result": {"status": "x"}, "status": "FAILURE", "task_id": "t", "children": []}',
      'FAILURE',
    ],
  ])('%s tells its state', (_, document, state) => {
    expect(stateOf(Buffer.from(document))).toBe(state);
  });

  it('that is none tells nothing', () => {
    for (const text of ['', '{', 'null', '[]', '{"a":1}', '\u0000'])
      expect([stateOf(Buffer.from(text)), readReply(Buffer.from(text))]).toStrictEqual([
        undefined,
        undefined,
      ]);
  });

  it('says what it is', () => {
    expect(contentOf('{"status"')).toStrictEqual({
      contentType: 'application/json',
      contentEncoding: 'utf-8',
    });
    expect(contentOf(Buffer.from([0x85, 1])).contentType).toBe('application/x-msgpack');
    expect(contentOf('status: SUCCESS').contentType).toBe('application/x-yaml');
  });
});
