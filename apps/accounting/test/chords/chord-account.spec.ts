import { accountForChords, chordsHold, chordVerdict } from '../../src/chords/chord-account.js';
import { type ChordPlan, digestOf, expectedOf, memberValue, numbersOf } from '../../src/chords/chord-plan.js';
import { asksForChords, readChordRun } from '../../src/chords/chord-settings.js';
import { taskIdOf } from '../../src/run/task-plan.js';
import { RunRecordMaker } from '../support/run-record-maker.js';

const plan: ChordPlan = { seed: 7, chords: 2, size: 3 };
const bodyOf = (chord: number): string => taskIdOf(plan.seed, numbersOf(plan, chord).body);
const memberOf = (chord: number, index: number): string =>
  taskIdOf(plan.seed, numbersOf(plan, chord).members[index] ?? -1);
const bodyStart = 1000;

describe('the account of chords', () => {
  let made: RunRecordMaker;
  /** Two chords as they should be: members at 100, 200, 300 for 20 ms, the body at 1000. */
  beforeEach(() => {
    made = new RunRecordMaker();
    for (let chord = 0; chord < plan.chords; chord += 1) {
      const body = bodyOf(chord);
      made.send(body);
      for (let index = 0; index < plan.size; index += 1) {
        const startMs = 100 * (index + 1);
        made.run(memberOf(chord, index), `w${index}`, startMs, startMs + 20);
      }
      made.run(body, 'w1', bodyStart, bodyStart + 20);
      const value = { id: body, state: 'SUCCESS', token: expectedOf(plan, chord) };
      made.results.push(value);
      made.sightings.push(value);
    }
  });

  const account = (kept = 0): ReturnType<typeof accountForChords> =>
    accountForChords(plan, made.record(), kept);
  const without = (kind: 'START' | 'END', id: string): void => {
    const at = made.lines.findIndex((line) => line.kind === kind && line.id === id);
    made.lines.splice(at, 1);
  };

  it('says in one line that all is well', () => {
    expect(chordVerdict(account())).toBe('chords 2 missing 0 early 0 doubled 0 wrong 0 open 0');
    expect(chordsHold(account())).toBe(true);
  });

  it.each([
    ['did not end', () => without('END', bodyOf(1))],
    ['has no result', () => made.results.pop()],
    ['has failed', () => made.results.splice(1, 1, { id: bodyOf(1), state: 'FAILURE', token: '' })],
    ['was not told to its sender', () => made.sightings.pop()],
  ])('misses a body that %s', (_what, damage) => {
    damage();
    expect(account()).toMatchObject({ missing: [bodyOf(1)], wrong: [], early: [] });
    expect(chordVerdict(account())).toContain(' missing 1 ');
    expect(chordsHold(account())).toBe(false);
  });

  it.each([
    ['a member has ended after it began', () => made.run(memberOf(0, 2), 'w2', 990, 1001)],
    ['a member has not ended', () => undefined],
  ])('finds a body early when %s', (_what, instead) => {
    without('START', memberOf(0, 2));
    without('END', memberOf(0, 2));
    instead();
    expect(account()).toMatchObject({ early: [bodyOf(0)], missing: [] });
    expect(chordsHold(account())).toBe(false);
  });

  it('does not find a body early that began while a killed member, which had ended, was repeated', () => {
    made.run(memberOf(0, 2), 'w9', 3000, 3020).fault('kill', 'w2', 321);
    expect(account()).toMatchObject({ early: [], explained: { kill: 1 } });
    expect(chordsHold(account())).toBe(true);
  });

  it('finds a body doubled that nothing explains', () => {
    made.run(bodyOf(0), 'w2', 4000, 4020);
    expect(account()).toMatchObject({ doubled: [bodyOf(0)], missing: [] });
    expect(chordsHold(account())).toBe(false);
  });

  it('is content with a body whose worker was killed', () => {
    made.run(bodyOf(0), 'w2', 4000, 4020).fault('kill', 'w1', bodyStart + 10);
    expect(account().doubled).toStrictEqual([]);
    expect(chordsHold(account())).toBe(true);
  });

  it('finds a body doubled that was sent twice, whoever was killed', () => {
    made.run(bodyOf(0), 'w2', 4000, 4020, 1).fault('kill', 'w1', bodyStart + 10);
    expect(account().doubled).toStrictEqual([bodyOf(0)]);
  });

  it.each([
    ['other values', (values: number[]) => [...values.slice(1), 5]],
    ['another order', (values: number[]) => values.toReversed()],
    ['a value less', (values: number[]) => values.slice(1)],
  ])('finds a value wrong that is made of %s', (_what, change) => {
    const values = change(numbersOf(plan, 0).members.map(memberValue));
    made.results.splice(0, 1, { id: bodyOf(0), state: 'SUCCESS', token: digestOf(values) });
    expect(account()).toMatchObject({ wrong: [bodyOf(0)], missing: [] });
    expect(chordsHold(account())).toBe(false);
  });

  it('counts what was not put away', () => {
    expect(account(1).open).toBe(1);
    made.messages.push({ id: memberOf(0, 1), place: 'unsettled' }, { id: bodyOf(1), place: 'parked' });
    expect(account().open).toBe(2);
    expect(chordVerdict(account())).toContain(' open 2');
    expect(chordsHold(account())).toBe(false);
  });

  it('does not miss what was never confirmed, nor that it stays open', () => {
    made.lines.splice(0, made.lines.length, ...made.lines.filter(({ id }) => id !== bodyOf(0)));
    made.results.shift();
    made.sightings.shift();
    expect(chordVerdict(account(1))).toBe(
      'chords 2 missing 0 early 0 doubled 0 wrong 0 open 0 unconfirmed 1',
    );
    expect(chordsHold(account(1))).toBe(true);
  });

  it('says when a member began again for no known reason', () => {
    made.run(memberOf(0, 0), 'w2', 500, 520);
    expect(account()).toMatchObject({ doubled: [], unexplained: [memberOf(0, 0)] });
    expect(chordsHold(account())).toBe(false);
  });
});

describe('the arguments of a run of chords', () => {
  it('are read with their defaults', () => {
    expect(asksForChords(['--tasks', '5'])).toBe(false);
    expect(asksForChords(['--chords=5'])).toBe(true);
    expect(readChordRun(['--chords', '200', '--kills', '20'], 7)).toMatchObject({
      broker: 'redis',
      chords: 200,
      size: 20,
      kills: 20,
      seed: 7,
      faults: ['kill'],
    });
  });

  it.each([
    ['--chords', '0'],
    ['--chords', '2', '--size', 'x'],
    ['--chords', '2', '--faults', 'producer'],
    ['--chords', '2', '--unknown'],
  ])('are refused: %s', (...args) => {
    expect(() => readChordRun(args, 7)).toThrow(/--/);
  });
});
