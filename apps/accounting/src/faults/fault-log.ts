import type { RunFolder } from '../check/run-folder.js';
import type { FaultKind, FaultRecord } from './fault-record.js';

/** Writes down every fault with its time and its process. */
export class FaultLog {
  readonly records: FaultRecord[] = [];

  constructor(private readonly folder: RunFolder) {}

  /** Does something to a process, and records it from just before to just after, also when it fails. */
  async during(kind: FaultKind, process: string, act: () => Promise<void>): Promise<void> {
    const fromMs = Date.now();
    try {
      await act();
    } finally {
      this.add({ kind, process, fromMs, untilMs: Date.now() });
    }
  }

  add(record: FaultRecord): void {
    this.records.push(record);
    this.folder.append('faults', [record]);
  }
}
