import type { FaultKind, FaultRecord } from '../faults/fault-record.js';
import { type Cause, Disturbances } from './disturbances.js';
import { type Percentiles, percentilesOf } from './percentiles.js';
import type { KeptResult, Place, RunRecord } from './run-record.js';
import { type TaskHistory, taskHistories, type TaskRun } from './task-histories.js';

/** A task that was started again with nothing that explains it. */
export interface UnexplainedRepeat {
  readonly id: string;
  readonly runs: readonly TaskRun[];
}

/** What became of every id of a run. */
export interface Account {
  readonly sent: number;
  readonly confirmed: number;
  /** Came to their end: with a result of a run that has written END. */
  readonly done: number;
  readonly parked: readonly string[];
  /** Confirmed, and neither done nor parked. */
  readonly lost: readonly string[];
  /** Those of the lost ones that the broker still has. */
  readonly stuck: readonly string[];
  /** Those of the lost ones that were confirmed in the last moments before the broker was killed: it had not written them. */
  readonly lostWithBroker: readonly string[];
  /** Sent and never confirmed, but there all the same. */
  readonly recovered: number;
  /** Started, stored or waiting, and never sent. */
  readonly unexpected: readonly string[];
  /** Their result changed after it had been a success, or is of a run that never ended. */
  readonly flipFlops: readonly string[];
  /** Started more than once. */
  readonly duplicated: number;
  /** Starts after the first, by what explains them. */
  readonly explained: Readonly<Partial<Record<Cause | 'resend', number>>>;
  readonly unexplained: readonly UnexplainedRepeat[];
  /** From the SIGKILL of a worker to the next start of what it was doing, where nobody else had it in between. */
  readonly recovery: Percentiles & { readonly boundMs: number; readonly late: number };
}

/** Time beyond lease and sweep within which killed work is expected to be started again. */
const slackMs = 1000;

/** For so long Redis puts a write off while the one before is still being flushed, with `appendfsync everysec`. */
const unwrittenMs = 2000;

/** Joins what the processes say with what the stores have. */
export function accountFor(record: RunRecord): Account {
  const histories = taskHistories(record.lines);
  const books = booksOf(record);
  const verdicts = [...histories.values()].map((history) => ({
    history,
    fate: fateOf(history, books, record.keepsResults),
  }));
  const sent = verdicts.filter(({ history }) => history.sentMs !== undefined);
  const lost = sent.filter(({ history, fate }) => history.confirmedMs !== undefined && fate === 'missing');
  return {
    sent: sent.length,
    confirmed: sent.filter(({ history }) => history.confirmedMs !== undefined).length,
    done: sent.filter(({ fate }) => fate === 'done').length,
    parked: idsOf(sent.filter(({ fate }) => fate === 'parked')),
    lost: idsOf(lost),
    stuck: idsOf(lost.filter(({ history }) => books.places.has(history.id))),
    lostWithBroker: idsOf(lost.filter(({ history }) => wasUnwritten(history, record.faults))),
    recovered: sent.filter(({ history }) => history.confirmedMs === undefined && isPresent(history, books))
      .length,
    unexpected: unexpectedOf(histories, books),
    flipFlops: flipFlopsOf(record, books, histories),
    ...repeatsOf(record, histories),
  };
}

function wasUnwritten({ confirmedMs = 0 }: TaskHistory, faults: readonly FaultRecord[]): boolean {
  return faults.some(
    ({ kind, fromMs, untilMs }) =>
      kind === 'broker-kill' && confirmedMs >= fromMs - unwrittenMs && confirmedMs <= untilMs,
  );
}

interface Books {
  readonly places: ReadonlyMap<string, Place>;
  readonly results: ReadonlyMap<string, KeptResult>;
}

/** A message may stand in several places; the one that keeps the task from being done counts. */
function booksOf({ messages, results }: RunRecord): Books {
  const places = new Map<string, Place>();
  for (const { id, place } of messages) if (places.get(id) !== 'parked') places.set(id, place);
  return { places, results: new Map(results.map((result) => [result.id, result])) };
}

function fateOf(
  { id, runs }: TaskHistory,
  { places, results }: Books,
  keepsResults: boolean,
): 'done' | 'parked' | 'missing' {
  const ended = runs.filter(({ endMs }) => endMs !== undefined);
  const result = results.get(id);
  const done = keepsResults
    ? result?.state === 'SUCCESS' && ended.some(({ token }) => token === result.token)
    : ended.length > 0 && !places.has(id);
  if (done) return 'done';
  return places.get(id) === 'parked' ? 'parked' : 'missing';
}

function isPresent({ id, runs }: TaskHistory, { places, results }: Books): boolean {
  return runs.length > 0 || places.has(id) || results.has(id);
}

function unexpectedOf(histories: ReadonlyMap<string, TaskHistory>, books: Books): readonly string[] {
  const known = [...histories.keys(), ...books.places.keys(), ...books.results.keys()];
  return [...new Set(known)].filter((id) => histories.get(id)?.sentMs === undefined);
}

function flipFlopsOf(
  { sightings, results }: RunRecord,
  books: Books,
  histories: ReadonlyMap<string, TaskHistory>,
): readonly string[] {
  const changed = sightings.filter(({ id, state, token }) => {
    const now = books.results.get(id);
    return state === 'SUCCESS' && (now?.state !== 'SUCCESS' || now.token !== token);
  });
  const ofNobody = results.filter(
    ({ id, state, token }) =>
      state === 'SUCCESS' && !(histories.get(id)?.runs ?? []).some((run) => run.token === token),
  );
  return [...new Set([...changed, ...ofNobody].map(({ id }) => id))];
}

function repeatsOf(
  { faults, lines, leaseMs, sweepMs, cutTakesWork, sendsAgain }: RunRecord,
  histories: ReadonlyMap<string, TaskHistory>,
): Pick<Account, 'duplicated' | 'explained' | 'unexplained' | 'recovery'> {
  const disturbances = new Disturbances(faults, lines, { leaseMs, cutTakesWork });
  const explained: Partial<Record<Cause | 'resend', number>> = {};
  const unexplained: UnexplainedRepeat[] = [];
  const recoveryMs: number[] = [];
  let duplicated = 0;
  for (const history of histories.values()) {
    const { id, runs } = history;
    if (runs.length < 2) continue;
    let copies = sendsAgain === true ? copiesOf(history, faults) : 0;
    duplicated += 1;
    let open = 0;
    for (let at = 1; at < runs.length; at += 1) {
      const [run, next] = [runs[at - 1], runs[at]] as [TaskRun, TaskRun];
      const cause = disturbances.causeOf(run, next) ?? (copies > 0 ? 'resend' : undefined);
      if (cause === 'resend') copies -= 1;
      if (cause === undefined) open += 1;
      else explained[cause] = (explained[cause] ?? 0) + 1;
      // Had another one taken it meanwhile, and been killed before it began, the time would be that of two recoveries.
      const measured = cause === 'kill' && next.delivery === run.delivery + 1;
      const lossMs = measured ? disturbances.lossMsOf(run, next) : undefined;
      if (lossMs !== undefined) recoveryMs.push(next.startMs - lossMs);
    }
    if (open > 0) unexplained.push({ id, runs });
  }
  const boundMs = leaseMs + sweepMs + slackMs;
  const late = recoveryMs.filter((ms) => ms > boundMs).length;
  return {
    duplicated,
    explained,
    unexplained,
    recovery: { ...percentilesOf(recoveryMs), boundMs, late },
  };
}

/** How many copies of its message the broker may have beside the first: one for each time that it was away before it had confirmed one. */
function copiesOf({ sentMs, confirmedMs }: TaskHistory, faults: readonly FaultRecord[]): number {
  if (sentMs === undefined) return 0;
  const untilMs = confirmedMs ?? Number.POSITIVE_INFINITY;
  return faults.filter(
    (fault) => cutsSends.has(fault.kind) && fault.fromMs <= untilMs && fault.untilMs >= sentMs,
  ).length;
}

const cutsSends: ReadonlySet<FaultKind> = new Set(['clients', 'broker-restart', 'broker-kill']);

const idsOf = (verdicts: readonly { readonly history: TaskHistory }[]): readonly string[] =>
  verdicts.map(({ history }) => history.id);
