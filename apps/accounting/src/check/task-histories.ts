import { parseStartNote, type ProcessLine } from '../evidence/evidence-line.js';

/** One run of a task. */
export interface TaskRun {
  readonly process: string;
  /** Names the run. */
  readonly token: string;
  readonly attempt: number;
  readonly delivery: number;
  readonly startMs: number;
  /** `undefined`: it did not come to its end. */
  endMs: number | undefined;
}

/** What the processes say of one task. */
export interface TaskHistory {
  readonly id: string;
  /** `undefined`: it was never sent. */
  sentMs: number | undefined;
  /** `undefined`: nobody was told that it was taken. */
  confirmedMs: number | undefined;
  /** In the order of their starts. */
  readonly runs: TaskRun[];
  /** Ends without a start: the evidence is damaged. */
  strayEnds: number;
}

/** Joins the lines of all processes, by task. */
export function taskHistories(lines: readonly ProcessLine[]): ReadonlyMap<string, TaskHistory> {
  const histories = new Map<string, TaskHistory>();
  const runs = new Map<string, TaskRun>();
  // A file is written in order, but files are read one after the other: starts must be known before ends are looked at.
  for (const line of lines) {
    if (line.kind === 'SENT') historyOf(histories, line.id).sentMs = line.atMs;
    else if (line.kind === 'CONFIRMED') historyOf(histories, line.id).confirmedMs = line.atMs;
    else if (line.kind === 'START') {
      const { attempt, delivery, token } = parseStartNote(line.note);
      const { process, atMs } = line;
      const run: TaskRun = { process, token, attempt, delivery, startMs: atMs, endMs: undefined };
      runs.set(`${line.id} ${token}`, run);
      historyOf(histories, line.id).runs.push(run);
    }
  }
  for (const line of lines) {
    if (line.kind !== 'END') continue;
    const run = runs.get(`${line.id} ${parseStartNote(line.note).token}`);
    if (run === undefined) historyOf(histories, line.id).strayEnds += 1;
    else run.endMs = line.atMs;
  }
  for (const { runs: some } of histories.values()) {
    if (some.length > 1) some.sort((one, other) => one.startMs - other.startMs || compare(one, other));
  }
  return histories;
}

function compare(one: TaskRun, other: TaskRun): number {
  return one.token < other.token ? -1 : 1;
}

function historyOf(histories: Map<string, TaskHistory>, id: string): TaskHistory {
  let history = histories.get(id);
  if (history === undefined) {
    history = { id, sentMs: undefined, confirmedMs: undefined, runs: [], strayEnds: 0 };
    histories.set(id, history);
  }
  return history;
}
