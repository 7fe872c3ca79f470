import { accountFor } from '../../src/check/account.js';
import type { FaultKind } from '../../src/faults/fault-record.js';
import { exitStatus, verdictLine } from '../../src/check/verdict.js';
import { leaseMs, RunRecordMaker, tokenOf } from '../support/run-record-maker.js';

describe('the account of a run', () => {
  let made: RunRecordMaker;
  beforeEach(() => {
    made = new RunRecordMaker();
  });

  const account = (): ReturnType<typeof accountFor> => accountFor(made.record());

  it('says in one line that all is well', () => {
    made.usual('a', 'w1', 100).usual('b', 'w2', 200);
    expect(verdictLine(account())).toBe(
      'sent 2 confirmed 2 done 2 parked 0 lost 0 duplicated 0 unexplained 0',
    );
    expect(exitStatus(account())).toBe(0);
  });

  it.each([
    ['its END', () => made.lines.splice(3, 1)],
    ['its result', () => made.results.splice(0, 1)],
    ['START and END', () => made.lines.splice(2, 2)],
  ])('finds a task lost of which %s is missing', (_what, remove) => {
    made.usual('a', 'w1', 100).usual('b', 'w2', 200);
    remove();
    expect(account()).toMatchObject({ done: 1, lost: ['a'], stuck: [] });
    expect(verdictLine(account())).toContain(' lost 1 ');
    expect(exitStatus(account())).toBe(1);
  });

  it('finds a confirmed task lost that still waits, and says that it is stuck', () => {
    made.send('a').messages.push({ id: 'a', place: 'unsettled' });
    expect(account()).toMatchObject({ lost: ['a'], stuck: ['a'] });
  });

  it('tells what was lost together with the memory of the broker from what was lost elsewhere', () => {
    made.send('a', { atMs: 1000 }).send('b', { atMs: 6000 }).fault('broker-kill', '*', 6500, 6900);
    expect(account()).toMatchObject({ lost: ['a', 'b'], lostWithBroker: ['b'] });
    expect(exitStatus(account())).toBe(1);
  });

  it('counts a parked task as neither done nor lost', () => {
    made.send('a').messages.push({ id: 'a', place: 'parked' });
    made.results.push({ id: 'a', state: 'FAILURE', token: '' });
    expect(account()).toMatchObject({ done: 0, parked: ['a'], lost: [] });
    expect(exitStatus(account())).toBe(0);
  });

  it('does not miss what was never confirmed, and counts what of it is there', () => {
    made.send('a', { confirmed: false }).send('b', { confirmed: false }).run('b', 'w1', 100, 120);
    made.keep('b', 'w1', 100);
    expect(account()).toMatchObject({ sent: 2, confirmed: 0, done: 1, recovered: 1, lost: [] });
  });

  it.each([
    ['was started', () => made.run('x', 'w1', 100, 110)],
    ['has a result', () => made.results.push({ id: 'x', state: 'FAILURE', token: '' })],
    ['waits', () => made.messages.push({ id: 'x', place: 'ready' })],
  ])('reports what %s and was never sent', (_what, add) => {
    add();
    expect(account().unexpected).toStrictEqual(['x']);
    expect(exitStatus(account())).toBe(1);
    expect(verdictLine(account())).toContain(' unexpected 1');
  });

  it('without a result store, relies on END and on that the broker no longer has the message', () => {
    made.keepsResults = false;
    made.send('a').run('a', 'w1', 100, 120).send('b').run('b', 'w1', 100, 120);
    made.messages.push({ id: 'b', place: 'ready' });
    expect(account()).toMatchObject({ done: 1, lost: ['b'], stuck: ['b'] });
  });

  it('reports a success that became another one, or none', () => {
    made.usual('a', 'w1', 100).usual('b', 'w1', 200).usual('c', 'w1', 300);
    made.sightings.push(
      { id: 'a', state: 'SUCCESS', token: tokenOf('w1', 100) },
      { id: 'b', state: 'SUCCESS', token: tokenOf('w2', 201) },
      { id: 'c', state: 'SUCCESS', token: tokenOf('w1', 300) },
    );
    made.results.pop();
    expect(account().flipFlops).toStrictEqual(['b', 'c']);
    expect(exitStatus(account())).toBe(1);
  });

  it('does not take the value of a run that nobody has made', () => {
    made.usual('a', 'w1', 100).results[0] = { id: 'a', state: 'SUCCESS', token: 'w9:9' };
    expect(account()).toMatchObject({ done: 0, lost: ['a'], flipFlops: ['a'] });
  });

  describe('of a task that was started twice', () => {
    /** On w1 from 1000, without an end unless one is given; then on w2 from 4000. */
    const twice = (endMs?: number): void => {
      made.send('a').run('a', 'w1', 1000, endMs).run('a', 'w2', 4000, 4020).keep('a', 'w2', 4000);
    };

    it('finds nothing that explains it', () => {
      twice();
      expect(account()).toMatchObject({ duplicated: 1, explained: {}, unexplained: [{ id: 'a' }] });
      expect(exitStatus(account())).toBe(1);
    });

    it.each([
      ['kill', 'w1', 1500, 1500],
      ['died', 'w1', 1500, 1500],
      ['freeze', 'w1', 1500, 4500],
      ['broker-restart', '*', 1500, 2000],
      ['broker-kill', '*', 500, 900],
    ] as const)('is content with %s of the process that had it', (kind, process, fromMs, untilMs) => {
      twice();
      made.fault(kind, process, fromMs, untilMs);
      expect(account()).toMatchObject({ duplicated: 1, explained: { [kind]: 1 }, unexplained: [] });
      expect(exitStatus(account())).toBe(0);
    });

    it.each([
      ['kill', 'w2', 1500, 'of another process'],
      ['kill', 'w1', 900, 'before it had it'],
      ['kill', 'w1', 4001, 'after the second start'],
      ['terminate', 'w1', 1500, 'which leaves time to end'],
      ['clients', '*', 1500, 'which takes no lease away'],
      ['producer', 'producer', 1500, 'which runs nothing'],
    ] as const)('is not content with %s at %s, %i: %s', (kind, process, fromMs, _why) => {
      twice();
      made.fault(kind, process, fromMs);
      expect(account()).toMatchObject({ explained: {}, unexplained: [{ id: 'a' }] });
    });

    it('is content with a cut connection where the broker takes back what was in hand', () => {
      twice();
      made.cutTakesWork = true;
      made.fault('clients', '*', 1500);
      expect(account()).toMatchObject({ explained: { clients: 1 }, unexplained: [] });
    });

    describe('of which the broker may have a copy, since it was away before it had confirmed it', () => {
      const sentTwice = (confirmedMs: number, kind: FaultKind = 'broker-kill'): void => {
        made.send('a', { atMs: 500, confirmedMs }).fault(kind, '*', 600, 700);
        made.run('a', 'w1', 4000, 4020, 1).run('a', 'w2', 4050, 4070, 1).keep('a', 'w2', 4050);
      };
      beforeEach(() => {
        made.sendsAgain = true;
      });

      it.each(['broker-kill', 'broker-restart', 'clients'] as const)('is content with %s', (kind) => {
        sentTwice(800, kind);
        expect(account()).toMatchObject({ duplicated: 1, explained: { resend: 1 }, unexplained: [] });
        expect(exitStatus(account())).toBe(0);
      });

      it('is content with it where nothing was confirmed at all', () => {
        made.send('a', { atMs: 500, confirmed: false }).fault('broker-kill', '*', 600, 700);
        made.run('a', 'w1', 4000, 4020, 1).run('a', 'w2', 4050, 4070, 1);
        expect(account().unexplained).toStrictEqual([]);
      });

      it.each([
        ['it was confirmed before', 550, 'broker-kill'],
        ['only a worker was killed', 800, 'kill'],
      ] as const)('is not content when %s', (_why, confirmedMs, kind) => {
        sentTwice(confirmedMs, kind);
        expect(account().unexplained).toHaveLength(1);
      });

      it('is not content where the broker sees what it has already', () => {
        made.sendsAgain = false;
        sentTwice(800);
        expect(account().unexplained).toHaveLength(1);
      });

      it('wants a reason for a third start', () => {
        sentTwice(800);
        made.run('a', 'w3', 9000, 9020);
        expect(account()).toMatchObject({ explained: { resend: 1 }, unexplained: [{ id: 'a' }] });
      });
    });

    it('is not content with the kill of a process that had long ended it', () => {
      twice(1020);
      made.fault('kill', 'w1', 3500);
      expect(account().unexplained).toHaveLength(1);
    });

    it('is content with a kill between the end and its settlement', () => {
      twice(1020);
      made.fault('kill', 'w1', 1025);
      expect(account().unexplained).toStrictEqual([]);
    });

    it('is content when the first to begin was not the first to have it: the other one was held', () => {
      made.send('a').run('a', 'w2', 4000, 4020).keep('a', 'w2', 4000).run('a', 'w1', 4600, 4620);
      made.fault('freeze', 'w1', 1000, 4500);
      expect(account()).toMatchObject({ explained: { freeze: 1 }, unexplained: [] });
    });

    it('is content with a stall that the process has measured, not with that of another one', () => {
      twice();
      made.line('w2', 'STALL', '-', 3900, '2500');
      expect(account().unexplained).toHaveLength(1);
      made.line('w1', 'STALL', '-', 3900, '2500');
      expect(account()).toMatchObject({ explained: { stall: 1 }, unexplained: [] });
    });

    it('is content with a stall of the machine, whoever had it', () => {
      twice();
      made.line('machine', 'STALL', '-', 3900, '2500');
      expect(account()).toMatchObject({ explained: { stall: 1 }, unexplained: [] });
    });

    it('wants a reason for each further start', () => {
      twice();
      made.fault('kill', 'w1', 1500).run('a', 'w3', 9000, 9020);
      expect(account()).toMatchObject({ duplicated: 1, explained: { kill: 1 }, unexplained: [{ id: 'a' }] });
    });

    it('measures no recovery when another one had it in between', () => {
      made.send('a').run('a', 'w1', 1000).run('a', 'w3', 7000, 7020, 3).keep('a', 'w3', 7000);
      made.fault('kill', 'w1', 1600);
      expect(account()).toMatchObject({ explained: { kill: 1 }, recovery: { count: 0 } });
    });

    it('measures the time from the kill to the next start', () => {
      twice();
      made.fault('kill', 'w1', 1600);
      expect(account().recovery).toStrictEqual({
        count: 1,
        p50Ms: 2400,
        p99Ms: 2400,
        maxMs: 2400,
        boundMs: leaseMs + 500 + 1000,
        late: 0,
      });
    });
  });
});
