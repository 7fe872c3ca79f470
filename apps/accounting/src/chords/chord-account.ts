import { type Account, accountFor } from '../check/account.js';
import type { RunRecord } from '../check/run-record.js';
import { taskHistories, type TaskHistory } from '../check/task-histories.js';
import { taskIdOf } from '../run/task-plan.js';
import { type ChordPlan, expectedOf, numbersOf } from './chord-plan.js';

/** What became of the chords of a run. Lists hold ids of bodies. */
export interface ChordAccount {
  readonly chords: number;
  readonly confirmed: number;
  /** Confirmed, but the body did not come to its end, has no success in the store, or its sender was never told. */
  readonly missing: readonly string[];
  /** The body began before each member had come to an end. */
  readonly early: readonly string[];
  /** The body was sent twice, or began again although no fault explains it. */
  readonly doubled: readonly string[];
  /** The value in the store, or that the sender was told, is not that of these members in this order. */
  readonly wrong: readonly string[];
  /** Chords that have not been put away when all is quiet: in the result store, or with messages in the broker. */
  readonly open: number;
  /** Members that began again although no fault explains it. */
  readonly unexplained: readonly string[];
  /** Bodies and members that began again because of a fault. */
  readonly explained: Account['explained'];
}

/**
 * Joins what workers and sender say with what the stores have. In the evidence a task goes by its number in the plan, whatever id its
 * message had; `sightings` are the values that the sender was told.
 *
 * @param kept number of chords that the result store still holds open
 */
export function accountForChords(plan: ChordPlan, record: RunRecord, kept: number): ChordAccount {
  const { unexplained, explained } = accountFor(record);
  const histories = taskHistories(record.lines);
  const stored = valuesOf(record.results);
  const told = valuesOf(record.sightings);
  const again = new Set(unexplained.map(({ id }) => id));
  const chords = Array.from({ length: plan.chords }, (_, chord) => {
    const { members, body } = numbersOf(plan, chord);
    const id = taskIdOf(plan.seed, body);
    const memberIds = members.map((number) => taskIdOf(plan.seed, number));
    const values = [stored.get(id), told.get(id)];
    const history = histories.get(id);
    return {
      id,
      ids: [...memberIds, id],
      confirmed: history?.confirmedMs !== undefined,
      complete: hasEnded(history) && !values.includes(undefined),
      early: isEarly(
        history,
        memberIds.map((memberId) => histories.get(memberId)),
      ),
      doubled: again.has(id) || firstDeliveries(history) > 1,
      wrong: values.some((value) => value !== undefined && value !== expectedOf(plan, chord)),
    };
  });
  type Chord = (typeof chords)[number];
  const idsWhere = (is: (chord: Chord) => boolean): readonly string[] =>
    chords.filter(is).map(({ id }) => id);
  const waiting = new Set(record.messages.map(({ id }) => id));
  const unconfirmed = idsWhere(({ confirmed }) => !confirmed).length;
  const bodies = new Set(chords.map(({ id }) => id));
  return {
    chords: plan.chords,
    confirmed: plan.chords - unconfirmed,
    missing: idsWhere(({ confirmed, complete }) => confirmed && !complete),
    early: idsWhere(({ early }) => early),
    doubled: idsWhere(({ doubled }) => doubled),
    wrong: idsWhere(({ wrong }) => wrong),
    // What nobody was told of having been sent may have been begun: nobody but time can put it away.
    open: Math.max(kept - unconfirmed, idsWhere(({ ids }) => ids.some((id) => waiting.has(id))).length, 0),
    unexplained: [...again].filter((id) => !bodies.has(id)),
    explained,
  };
}

/** The last line of a run. */
export function chordVerdict(account: ChordAccount): string {
  const { chords, missing, early, doubled, wrong, open, unexplained } = account;
  const line = [
    `chords ${chords} missing ${missing.length} early ${early.length} doubled ${doubled.length}`,
    `wrong ${wrong.length} open ${open}`,
  ];
  if (account.confirmed < chords) line.push(`unconfirmed ${chords - account.confirmed}`);
  if (unexplained.length > 0) line.push(`unexplained ${unexplained.length}`);
  return line.join(' ');
}

export const chordsHold = ({
  confirmed,
  missing,
  early,
  doubled,
  wrong,
  open,
  unexplained,
}: ChordAccount): boolean =>
  confirmed > 0 &&
  missing.length + early.length + doubled.length + wrong.length + open + unexplained.length === 0;

const valuesOf = (results: RunRecord['results']): ReadonlyMap<string, string> =>
  new Map(results.filter(({ state }) => state === 'SUCCESS').map(({ id, token }) => [id, token]));

const hasEnded = (history: TaskHistory | undefined): boolean =>
  history?.runs.some(({ endMs }) => endMs !== undefined) ?? false;

function isEarly(body: TaskHistory | undefined, members: readonly (TaskHistory | undefined)[]): boolean {
  const began = body?.runs[0]?.startMs;
  if (began === undefined) return false;
  return members.some((member) => !member?.runs.some(({ endMs }) => endMs !== undefined && endMs <= began));
}

/** A message that was handed out before says so: two runs of a first delivery are two messages. */
const firstDeliveries = (history: TaskHistory | undefined): number =>
  history?.runs.filter(({ delivery }) => delivery <= 1).length ?? 0;
