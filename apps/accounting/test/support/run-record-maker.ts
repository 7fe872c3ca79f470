import type { KeptResult, Place, RunRecord } from '../../src/check/run-record.js';
import { type EvidenceKind, type ProcessLine, startNote } from '../../src/evidence/evidence-line.js';
import type { FaultKind, FaultRecord } from '../../src/faults/fault-record.js';

/** Lease and sweep of the runs that are made here. */
export const leaseMs = 2000;
export const sweepMs = 500;

interface Sending {
  readonly confirmed?: boolean;
  readonly atMs?: number;
  readonly confirmedMs?: number;
}

/** Writes the record of a run by hand, as processes, broker and result store would have left it. */
export class RunRecordMaker {
  readonly lines: ProcessLine[] = [];
  readonly faults: FaultRecord[] = [];
  readonly messages: { readonly id: string; readonly place: Place }[] = [];
  readonly results: KeptResult[] = [];
  readonly sightings: KeptResult[] = [];
  keepsResults = true;
  /** As on RabbitMQ. */
  cutTakesWork = false;
  /** As on RabbitMQ. */
  sendsAgain = false;

  /** SENT, and CONFIRMED where asked. */
  send(id: string, { confirmed = true, atMs = 0, confirmedMs = atMs + 1 }: Sending = {}): this {
    this.line('producer', 'SENT', id, atMs);
    if (confirmed) this.line('producer', 'CONFIRMED', id, confirmedMs);
    return this;
  }

  /** A run from START to END, or without END. Its token is process and start. */
  run(
    id: string,
    process: string,
    startMs: number,
    endMs?: number,
    delivery = 1 + this.lines.filter((line) => line.kind === 'START' && line.id === id).length,
  ): this {
    const note = startNote({ attempt: 0, delivery, token: tokenOf(process, startMs) });
    this.line(process, 'START', id, startMs, note);
    if (endMs !== undefined) this.line(process, 'END', id, endMs, note);
    return this;
  }

  /** The result store has the value of this run. */
  keep(id: string, process: string, startMs: number): this {
    this.results.push({ id, state: 'SUCCESS', token: tokenOf(process, startMs) });
    return this;
  }

  /** A task as most are: sent, run once, kept. */
  usual(id: string, process: string, startMs: number): this {
    return this.send(id, { atMs: startMs - 5 })
      .run(id, process, startMs, startMs + 20)
      .keep(id, process, startMs);
  }

  fault(kind: FaultKind, process: string, fromMs: number, untilMs = fromMs): this {
    this.faults.push({ kind, process, fromMs, untilMs });
    return this;
  }

  line(process: string, kind: EvidenceKind, id: string, atMs: number, note = ''): this {
    this.lines.push({ process, kind, id, atMs, note });
    return this;
  }

  record(): RunRecord {
    const { lines, faults, messages, results, sightings, keepsResults, cutTakesWork, sendsAgain } = this;
    const traits = { leaseMs, sweepMs, keepsResults, cutTakesWork, sendsAgain };
    return { ...traits, lines, faults, messages, results, sightings };
  }
}

export const tokenOf = (process: string, startMs: number): string => `${process}:${startMs}`;
