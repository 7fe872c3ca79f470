/**
 * What a process says happened.
 *
 * - `SENT`, `CONFIRMED`, `FAILED`: a producer, before it sends, when the send has resolved, when it was refused (note: code)
 * - `START`, `END`: a task, before its work and before its value is given back; see {@link startNote}
 * - `STALL`: the process got no processor time for so many milliseconds (note) before this line
 * - `PROBLEM`: the worker has told of an error (note: code)
 */
export type EvidenceKind = 'SENT' | 'CONFIRMED' | 'FAILED' | 'START' | 'END' | 'STALL' | 'PROBLEM';

export interface EvidenceLine {
  readonly kind: EvidenceKind;
  /** Task id; `-` where there is none. */
  readonly id: string;
  /** Milliseconds since 1970 UTC, on the one machine that all processes share. */
  readonly atMs: number;
  readonly note: string;
}

/** Writes down, beside the processes of the run, when the machine or the broker stood still for everybody. */
export const machineName = 'machine';

/** A line with the process that wrote it. */
export interface ProcessLine extends EvidenceLine {
  readonly process: string;
}

/** Bytes of a line, its end included. All are of one length, so that a torn one is noticed. */
export const lineBytes = 96;

const widths = { kind: 9, id: 36, at: 13, note: 34 } as const;
const kinds: ReadonlySet<string> = new Set<EvidenceKind>([
  'SENT',
  'CONFIRMED',
  'FAILED',
  'START',
  'END',
  'STALL',
  'PROBLEM',
]);

/** The line as it stands in the file. What does not fit is cut; all is ASCII. */
export function formatLine({ kind, id, atMs, note }: EvidenceLine): string {
  const at = String(Math.floor(atMs)).padStart(widths.at, '0');
  return `${fit(kind, widths.kind)} ${fit(id, widths.id)} ${at} ${fit(note, widths.note)}\n`;
}

/** @throws Error when it is no line of ours: then the file says nothing that can be relied on */
export function parseLine(text: string): EvidenceLine {
  const kind = text.slice(0, widths.kind).trimEnd();
  const id = text.slice(widths.kind + 1, widths.kind + 1 + widths.id).trimEnd();
  const atFrom = widths.kind + widths.id + 2;
  const atMs = Number(text.slice(atFrom, atFrom + widths.at));
  if (text.length !== lineBytes - 1 || !kinds.has(kind) || id === '' || !Number.isInteger(atMs)) {
    throw new Error(`no line of evidence: ${JSON.stringify(text)}`);
  }
  return { kind: kind as EvidenceKind, id, atMs, note: text.slice(atFrom + widths.at + 1).trimEnd() };
}

/** Note of START and END: which run of which process; the task's value is the token of the run that gave it. */
export interface StartNote {
  readonly attempt: number;
  readonly delivery: number;
  readonly token: string;
}

export function startNote({ attempt, delivery, token }: StartNote): string {
  return `${attempt} ${delivery} ${token}`;
}

export function parseStartNote(note: string): StartNote {
  const [attempt, delivery, token = ''] = note.split(' ');
  return { attempt: Number(attempt), delivery: Number(delivery), token };
}

function fit(text: string, width: number): string {
  return text
    .replaceAll(/[^\x21-\x7e ]/g, '?')
    .slice(0, width)
    .padEnd(width);
}
