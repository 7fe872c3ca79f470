import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { evidenceEnding } from './evidence-file.js';
import { lineBytes, parseLine, type ProcessLine } from './evidence-line.js';

/** Reads the evidence of a folder as it grows; the first call gives all that is there. */
export class EvidenceTail {
  private readonly readUntil = new Map<string, number>();

  constructor(private readonly folder: string) {}

  /** Lines that were written since the last call, file by file. */
  next(): readonly ProcessLine[] {
    return readdirSync(this.folder)
      .filter((name) => name.endsWith(evidenceEnding))
      .toSorted()
      .flatMap((name) => this.nextOf(name));
  }

  private nextOf(name: string): readonly ProcessLine[] {
    const from = this.readUntil.get(name) ?? 0;
    const file = openSync(join(this.folder, name), 'r');
    try {
      const whole = fstatSync(file).size;
      const bytes = Buffer.alloc(whole - from - ((whole - from) % lineBytes));
      if (bytes.length === 0) return [];
      readSync(file, bytes, 0, bytes.length, from);
      this.readUntil.set(name, from + bytes.length);
      const process = name.slice(0, -evidenceEnding.length);
      const lines = bytes.toString('latin1').split('\n');
      lines.pop();
      return lines.map((line) => ({ process, ...parseLine(line) }));
    } finally {
      closeSync(file);
    }
  }
}

/**
 * All evidence of a run that is over.
 *
 * @throws Error when a file does not consist of whole lines
 */
export function readEvidence(folder: string): readonly ProcessLine[] {
  return new EvidenceTail(folder).next();
}
