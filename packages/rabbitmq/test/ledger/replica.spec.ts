import fc from 'fast-check';
import type { LedgerOperation } from '../../src/ledger/ledger-operation.js';
import { readEntry, writeEntry, type WrittenEntry } from '../../src/ledger/log-entry.js';
import { Replica } from '../../src/ledger/replica.js';

/** A log as the stream is one: entries with offsets, of which the oldest may be gone. */
class Log {
  readonly entries: Buffer[] = [];
  removed = 0;
  now = 1_000_000;
  private ids = 0;

  /** @param delivers whether what a replica appends gets here */
  replica(author: string, delivers: () => boolean = () => true, snapshotBytes = 2000): Replica {
    return new Replica({
      author,
      now: () => this.now,
      newId: () => `snapshot-${(this.ids += 1)}`,
      append: (entry: WrittenEntry) => {
        if (delivers()) this.entries.push(writeEntry(entry));
      },
      onChange: () => undefined,
      snapshotBytes,
    });
  }

  /** Gives a replica all that it has not read. */
  read(replica: Replica): void {
    for (
      let offset = Math.max(replica.nextOffset ?? 0, this.removed);
      offset < this.entries.length;
      offset += 1
    ) {
      const content = this.entries[offset] as Buffer;
      replica.take(offset, readEntry(content), content.length);
    }
  }
}

const acquire = (n: string, o: string, ms = 1000): LedgerOperation => ({ op: 'acquire', n, o, ms });

describe('Replica', () => {
  it('answers when its proposal has come back, as every other one finds it', async () => {
    const log = new Log();
    const [a, b] = [log.replica('a'), log.replica('b')];
    const answers = [a.propose([acquire('leader', 'a')]), b.propose([acquire('leader', 'b')])];
    log.read(a);
    log.read(b);
    expect(await Promise.all(answers)).toMatchObject([
      [{ kind: 'acquired', lease: { owner: 'a', fence: 1 } }],
      [{ kind: 'held', owner: 'a', fence: 1, leftMs: 1000 }],
    ]);
    expect(a.state?.image()).toStrictEqual(b.state?.image());
  });

  it('applies what it repeats once, and proposes anew what others overtook', async () => {
    const log = new Log();
    let delivers = true;
    const a = log.replica('a', () => delivers);
    delivers = false;
    const lost = a.propose([acquire('one', 'a')]);
    delivers = true;
    const sent = a.propose([acquire('two', 'a')]);
    a.repeat();
    log.read(a);
    // The first was repeated before anything was read, so both stand there, the second one twice.
    await expect(sent).resolves.toMatchObject([{ kind: 'acquired' }]);
    log.read(a);
    await expect(lost).resolves.toMatchObject([{ kind: 'acquired' }]);
    expect(a.proposals).toBe(0);
    expect(a.state?.image().leases).toHaveLength(2);
  });

  it('does not take time back when the calendar of a machine does', async () => {
    const log = new Log();
    const a = log.replica('a');
    const first = a.propose([acquire('leader', 'a', 1000)]);
    log.now -= 60_000;
    const second = a.propose([acquire('leader', 'b')]);
    log.read(a);
    await first;
    await expect(second).resolves.toMatchObject([{ kind: 'held', leftMs: 1000 }]);
  });

  it('begins with a snapshot where the beginning of the log is gone, and knows the same', async () => {
    const log = new Log();
    const a = log.replica('a');
    for (let n = 0; n < 100; n += 1) {
      log.now += 10;
      const done = a.propose([
        acquire(`n${n}`, 'a', 100_000),
        { op: 'record', k: 'k', i: `i${n}`, v: 'v', x: 0 },
      ]);
      log.read(a);
      await done;
    }
    const snapshots = log.entries
      .map((content) => readEntry(content)?.kind)
      .filter((kind) => kind === 'snapshot');
    expect(snapshots.length).toBeGreaterThan(1);
    const upTo = log.entries
      .map((content) => readEntry(content))
      .flatMap((entry) => (entry?.kind === 'snapshot' ? [entry.upTo] : []));
    // All that the last snapshot covers has gone.
    log.removed = (upTo.at(-1) as number) + 1;
    const late = log.replica('late');
    const mark = late.propose([]);
    log.read(late);
    await mark;
    expect(late.state?.image()).toMatchObject({ ...a.state?.image(), authors: expect.anything() });
  });

  it('knows nothing while a gap is before the oldest entry and no snapshot covers it', () => {
    const log = new Log();
    const a = log.replica('a', undefined, 1_000_000);
    void a.propose([acquire('x', 'a')]);
    void a.propose([acquire('y', 'a')]);
    log.removed = 1;
    const late = log.replica('late');
    void late.propose([]);
    log.read(late);
    expect(late.state).toBeUndefined();
    expect(late.proposals).toBe(1);
  });

  it('strikes out the message of a tick when its copy comes, also where it begins with a snapshot', async () => {
    const log = new Log();
    const a = log.replica('a');
    const leader = a.propose([acquire('leader', 'a', 1_000_000)]);
    log.read(a);
    await leader;
    const tick = (k: string): LedgerOperation => ({
      op: 'tick',
      k,
      lease: ['leader', 'a', 1],
      ms: 1_000_000,
      message: 'm'.repeat(1500),
      t: `task ${k}`,
    });
    const ticks = a.propose(['1', '2', '3', '4'].map(tick));
    log.read(a);
    await ticks;
    expect(a.state?.unsent.all().map(([key]) => key)).toStrictEqual(['1', '2', '3', '4']);
    const late = log.replica('late');
    log.removed = 2;
    log.read(late);
    for (const replica of [a, late]) {
      replica.take(log.entries.length, { kind: 'copy', taskId: 'task 2' }, 100);
      replica.take(log.entries.length + 1, { kind: 'copy', taskId: 'unknown' }, 100);
      expect(replica.state?.unsent.all().map(([key]) => key)).toStrictEqual(['1', '3', '4']);
    }
  });

  it('leaves out what is no entry', async () => {
    const log = new Log();
    const a = log.replica('a');
    for (const text of [
      '',
      '{',
      '[]',
      'null',
      '{"kind":"batch"}',
      '{"kind":"batch","author":"x","sequence":1,"stampMs":1,"operations":[1]}',
    ])
      log.entries.push(Buffer.from(text));
    log.entries.push(Buffer.from('{"kind":"snapshot","id":"x","upTo":5,"part":0,"parts":1,"text":"{"}'));
    log.entries.push(
      Buffer.from(
        '{"kind":"batch","author":"x","sequence":1,"stampMs":1,"operations":[{"op":"of a newer version"}]}',
      ),
    );
    const done = a.propose([acquire('leader', 'a')]);
    log.read(a);
    await expect(done).resolves.toMatchObject([{ kind: 'acquired' }]);
  });

  it('makes all replicas agree, whatever gets lost, comes twice or is read late; each proposal counts once', async () => {
    const step = fc.record({
      who: fc.nat(2),
      what: fc.constantFrom('propose', 'lose', 'repeat', 'read', 'late'),
      amount: fc.nat(5),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        const log = new Log();
        const delivers = [true, true, true];
        const replicas = [0, 1, 2].map((n) => log.replica(`r${n}`, () => delivers[n] === true, 600));
        const answers: Promise<unknown>[] = [];
        let proposed = 0;
        for (const { who, what, amount } of steps) {
          const replica = replicas[who] as Replica;
          log.now += amount * 100;
          delivers[who] = what !== 'lose';
          if (what === 'propose' || what === 'lose') {
            proposed += 1;
            answers.push(
              replica.propose([
                { op: 'tokens', n: 'count', tokens: 1, capacity: 1_000_000, perSecond: 1e-9 },
                acquire(`n${amount}`, `r${who}`, 500),
              ]),
            );
          }
          if (what === 'repeat') replica.repeat();
          if (what === 'read') log.read(replica);
          if (what === 'late') replicas.push(log.replica(`late${replicas.length}`, undefined, 600));
        }
        delivers.fill(true);
        for (let round = 0; round < 4; round += 1) {
          for (const replica of replicas) {
            replica.repeat();
            log.read(replica);
          }
        }
        for (const replica of replicas) log.read(replica);
        await Promise.all(answers);
        const [first, ...others] = replicas.map((replica) => {
          replica.state?.sweep();
          return replica.state?.image();
        });
        for (const other of others) expect(other).toStrictEqual(first);
        const bucket = first?.buckets.find(([name]) => name === 'count');
        expect(Math.round(1_000_000 - (bucket?.[1][0] ?? 1_000_000))).toBe(proposed);
      }),
      { numRuns: 150, seed: 7 },
    );
  });
});
