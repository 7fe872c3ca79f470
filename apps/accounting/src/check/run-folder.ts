import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEvidence } from '../evidence/evidence-tail.js';
import type { FaultRecord } from '../faults/fault-record.js';
import type { KeptResult, PlacedMessage, RunRecord } from './run-record.js';

/** What the checker must know of how a run was set up. */
export interface RunHeading {
  readonly leaseMs: number;
  readonly sweepMs: number;
  readonly keepsResults: boolean;
  readonly cutTakesWork?: boolean | undefined;
  readonly sendsAgain?: boolean | undefined;
}

/** Tables of a run by name, with what stands in a row. */
interface Tables {
  readonly faults: FaultRecord;
  readonly messages: PlacedMessage;
  readonly results: KeptResult;
  readonly sightings: KeptResult;
}

/** The folder of one run: evidence of the processes, and tables as lines of JSON. Enough to check the run again later. */
export class RunFolder {
  constructor(readonly path: string) {}

  writeHeading(heading: RunHeading): void {
    writeFileSync(join(this.path, 'run.json'), `${JSON.stringify(heading)}\n`);
  }

  append<Name extends keyof Tables>(table: Name, rows: readonly Tables[Name][]): void {
    appendFileSync(this.fileOf(table), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  }

  /** @throws Error when it is no folder of a run, or its evidence is torn */
  read(): RunRecord {
    const heading = JSON.parse(readFileSync(join(this.path, 'run.json'), 'utf8')) as RunHeading;
    return {
      ...heading,
      lines: readEvidence(this.path),
      faults: this.rows('faults'),
      messages: this.rows('messages'),
      results: this.rows('results'),
      sightings: this.rows('sightings'),
    };
  }

  private rows<Name extends keyof Tables>(table: Name): readonly Tables[Name][] {
    const file = this.fileOf(table);
    if (!existsSync(file)) return [];
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Tables[Name]);
  }

  private fileOf(table: keyof Tables): string {
    return join(this.path, `${table}.jsonl`);
  }
}
