import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { ResultTable, type TableWatch } from '../../src/memory/result-table.js';
import type { StoredResult } from '../../src/ports/stored-result.js';

const record = (taskId: string, state: string, ttlMs?: number): StoredResult => ({
  taskId,
  state,
  document: Buffer.from('{}'),
  ttlMs,
});

function noting(tell: (result: StoredResult) => void): TableWatch {
  const watch: TableWatch = {
    get alone() {
      return alone;
    },
    tell,
  };
  const alone = [watch];
  return watch;
}

describe('ResultTable', () => {
  let clock: VirtualClock;
  let thrown: unknown[];
  let table: ResultTable;

  beforeEach(() => {
    clock = new VirtualClock();
    thrown = [];
    const watched = Object.assign(Object.create(clock) as VirtualClock, {
      endOfTurn: (action: () => void) =>
        clock.endOfTurn(() => {
          try {
            action();
          } catch (error) {
            thrown.push(error);
          }
        }),
    });
    table = new ResultTable(watched);
  });

  it('deletes records when their time is over, also when nobody asks', async () => {
    for (let index = 0; index < 100; index += 1)
      table.put(record(`t${index}`, 'SUCCESS', index * 100), clock.monoNow());
    table.put(record('ever', 'SUCCESS'), clock.monoNow());
    expect(table.size).toBe(101);
    await clock.advance(5000);
    expect(table.size).toBeLessThanOrEqual(61);
    await clock.advance(60_000);
    expect(table.size).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it('hides a record from the moment when its time is over', async () => {
    table.put(record('t', 'SUCCESS', 100), clock.monoNow());
    await clock.advance(99);
    expect(table.get('t', clock.monoNow())?.state).toBe('SUCCESS');
    await clock.advance(1);
    expect(table.get('t', clock.monoNow())).toBeUndefined();
  });

  it('keeps a record that was stored again with more time', async () => {
    table.put(record('t', 'STARTED', 1000), clock.monoNow());
    await clock.advance(900);
    table.put(record('t', 'SUCCESS', 10_000), clock.monoNow());
    await clock.advance(9000);
    expect(table.get('t', clock.monoNow())?.state).toBe('SUCCESS');
    await clock.advance(3000);
    expect(table.size).toBe(0);
  });

  it('keeps a record for ever that was stored again without an end, and lets it go when it gets one', async () => {
    table.put(record('t', 'STARTED', 1000), clock.monoNow());
    table.put(record('t', 'STARTED'), clock.monoNow());
    await clock.advance(10_000);
    expect(table.get('t', clock.monoNow())?.state).toBe('STARTED');
    table.put(record('t', 'SUCCESS', 1000), clock.monoNow());
    await clock.advance(3000);
    expect(table.size).toBe(0);
  });

  it('does not let the end of a forgotten record touch the one that took its place', async () => {
    table.put(record('t', 'SUCCESS', 1000), clock.monoNow());
    table.forget('t');
    table.put(record('t', 'STARTED', 60_000), clock.monoNow());
    await clock.advance(5000);
    expect(table.get('t', clock.monoNow())?.state).toBe('STARTED');
  });

  it('keeps nothing of ids that were watched in vain', () => {
    const watch = noting(() => undefined);
    for (let index = 0; index < 10; index += 1) table.watch(`t${index}`, watch, 0);
    expect(table.size).toBe(10);
    expect(table.unwatch('t0', watch)).toBe(true);
    expect(table.unwatch('t0', watch)).toBe(false);
    table.unwatchAll(watch);
    expect(table.size).toBe(0);
  });

  it('keeps watching an id whose record has expired', async () => {
    const told: string[] = [];
    table.watch(
      't',
      noting(({ state }) => told.push(state)),
      0,
    );
    table.put(record('t', 'STARTED', 100), clock.monoNow());
    await clock.advance(5000);
    table.put(record('t', 'SUCCESS'), clock.monoNow());
    table.tell();
    expect(told).toEqual(['STARTED', 'SUCCESS']);
  });

  it('tells all others when one listener throws, and lets the error be seen', async () => {
    const told: string[] = [];
    const broken = noting(() => {
      throw new TypeError('broken listener');
    });
    const fine = noting(({ taskId }) => told.push(taskId));
    for (const watch of [broken, fine]) for (const taskId of ['a', 'b']) table.watch(taskId, watch, 0);
    table.put(record('a', 'SUCCESS'), 0);
    table.put(record('b', 'SUCCESS'), 0);
    table.tell();
    expect(told).toEqual(['a', 'b']);
    await clock.settle();
    expect(thrown).toEqual([new TypeError('broken listener'), new TypeError('broken listener')]);
  });

  it('tells in order what a listener stores while it is told', () => {
    const told: string[] = [];
    table.watch(
      't',
      noting(({ state }) => {
        told.push(state);
        if (state !== 'A') return;
        table.put(record('t', 'B'), 0);
        table.tell();
        told.push('end of A');
      }),
      0,
    );
    table.put(record('t', 'A'), 0);
    table.tell();
    expect(told).toEqual(['A', 'end of A', 'B']);
  });

  it('forgets a listener that removes itself while others of the same id are told', () => {
    const told: string[] = [];
    const leaving = noting(() => {
      told.push('leaving');
      table.unwatch('t', leaving);
    });
    const staying = noting(() => told.push('staying'));
    table.watch('t', leaving, 0);
    table.watch('t', staying, 0);
    for (const state of ['A', 'B']) {
      table.put(record('t', state), 0);
      table.tell();
    }
    expect(told).toEqual(['leaving', 'staying', 'staying']);
  });
});
