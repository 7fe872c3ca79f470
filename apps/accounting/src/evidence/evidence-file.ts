import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type EvidenceKind, formatLine } from './evidence-line.js';

/** Ending of the files with evidence; the name before it is the process's. */
export const evidenceEnding = '.evidence';

/**
 * What one process has to say, each line by one synchronous write to a file of its own: when the call is back, the kernel has
 * it, and no SIGKILL takes it away.
 */
export class EvidenceFile {
  private readonly file: number;

  constructor(folder: string, process: string) {
    this.file = openSync(join(folder, `${process}${evidenceEnding}`), 'a');
  }

  write(kind: EvidenceKind, id: string, note = ''): void {
    writeSync(this.file, formatLine({ kind, id, atMs: Date.now(), note }));
  }

  close(): void {
    closeSync(this.file);
  }
}
