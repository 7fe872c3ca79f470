import fc from 'fast-check';
import { accountFor } from '../../src/check/account.js';
import type { RunRecord } from '../../src/check/run-record.js';
import { RunRecordMaker } from '../support/run-record-maker.js';

/** What happens to one task of a made run. */
interface Fate {
  readonly confirmed: boolean;
  /** How often its worker is killed in the midst of it. */
  readonly kills: number;
  readonly end: 'done' | 'parked' | 'vanished' | 'waits';
}

const fates: fc.Arbitrary<readonly Fate[]> = fc.array(
  fc.record({
    confirmed: fc.boolean(),
    kills: fc.nat(3),
    end: fc.constantFrom('done', 'parked', 'vanished', 'waits'),
  }),
  { minLength: 1, maxLength: 20 },
);

const idOf = (number: number): string => `task-${number}`;

/** Each task has workers of its own, so that each kill touches one task. */
function recordOf(all: readonly Fate[]): RunRecord {
  const made = new RunRecordMaker();
  for (const [number, { confirmed, kills, end }] of all.entries()) {
    const id = idOf(number);
    made.send(id, { confirmed });
    for (let run = 0; run < kills; run += 1) {
      const startMs = 1000 + run * 3000;
      made
        .run(id, `w${number}-${run}`, startMs)
        .fault('kill', `w${number}-${run}`, startMs + 100, startMs + 110);
    }
    const lastMs = 1000 + kills * 3000;
    if (end === 'done') made.run(id, `w${number}`, lastMs, lastMs + 30).keep(id, `w${number}`, lastMs);
    else if (end === 'parked') made.messages.push({ id, place: 'parked' });
    else if (end === 'waits') made.messages.push({ id, place: 'ready' });
  }
  return made.record();
}

const shuffled = (record: RunRecord): fc.Arbitrary<RunRecord> =>
  fc
    .tuple(
      fc.shuffledSubarray([...record.lines], { minLength: record.lines.length }),
      fc.shuffledSubarray([...record.faults], { minLength: record.faults.length }),
      fc.shuffledSubarray([...record.results], { minLength: record.results.length }),
    )
    .map(([lines, faults, results]) => ({ ...record, lines, faults, results }));

describe('the account of any run', () => {
  it('puts each task where it belongs', () => {
    fc.assert(
      fc.property(fates, (all) => {
        const account = accountFor(recordOf(all));
        const ids = (wanted: (fate: Fate) => boolean): readonly string[] =>
          all.flatMap((fate, number) => (wanted(fate) ? [idOf(number)] : []));
        expect(account).toMatchObject({
          sent: all.length,
          confirmed: ids(({ confirmed }) => confirmed).length,
          done: ids(({ end }) => end === 'done').length,
          parked: ids(({ end }) => end === 'parked'),
          lost: ids(({ confirmed, end }) => confirmed && (end === 'vanished' || end === 'waits')),
          stuck: ids(({ confirmed, end }) => confirmed && end === 'waits'),
          recovered: ids(({ confirmed, kills, end }) => !confirmed && (kills > 0 || end !== 'vanished'))
            .length,
          duplicated: ids(({ kills, end }) => kills + (end === 'done' ? 1 : 0) > 1).length,
          unexpected: [],
          unexplained: [],
          flipFlops: [],
        });
      }),
    );
  });

  it('does not depend on the order in which evidence is read', () => {
    fc.assert(
      fc.property(
        fates.chain((all) => fc.tuple(fc.constant(recordOf(all)), shuffled(recordOf(all)))),
        ([record, other]) => {
          const sorted = ({ lost, parked, ...account }: ReturnType<typeof accountFor>): unknown => ({
            ...account,
            lost: lost.toSorted(),
            parked: parked.toSorted(),
            stuck: account.stuck.toSorted(),
          });
          expect(sorted(accountFor(other))).toStrictEqual(sorted(accountFor(record)));
        },
      ),
    );
  });

  it('loses exactly the task of which a line is taken away', () => {
    fc.assert(
      fc.property(fates, fc.nat(), (all, choice) => {
        const record = recordOf(all.map((fate) => ({ ...fate, confirmed: true })));
        const ends = record.lines.filter(({ kind }) => kind === 'END');
        fc.pre(ends.length > 0);
        const taken = ends[choice % ends.length];
        const account = accountFor({ ...record, lines: record.lines.filter((line) => line !== taken) });
        const before = accountFor(record);
        expect(account.lost.filter((id) => !before.lost.includes(id))).toStrictEqual([taken?.id]);
        expect(account.done).toBe(before.done - 1);
      }),
    );
  });

  it('finds exactly the task unexplained whose fault is taken away', () => {
    fc.assert(
      fc.property(fates, fc.nat(), (all, choice) => {
        const record = recordOf(all.map((fate) => ({ ...fate, end: 'done' })));
        fc.pre(record.faults.length > 0);
        const taken = record.faults[choice % record.faults.length];
        const faults = record.faults.filter((fault) => fault !== taken);
        const number = /^w(\d+)-/.exec(taken?.process ?? '')?.[1];
        expect(accountFor({ ...record, faults }).unexplained.map(({ id }) => id)).toStrictEqual([
          idOf(Number(number)),
        ]);
      }),
    );
  });
});
