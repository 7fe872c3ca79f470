import { workerData } from 'node:worker_threads';
import { EvidenceFile } from '../evidence/evidence-file.js';

export interface StallWatchData {
  readonly name: string;
  readonly folder: string;
  readonly stallMs: number;
}

// Thread that does nothing but look whether it runs. When it does not, the machine gave the process no time: then its leases
// could not be renewed either, whatever the code under test does. A busy event loop of the process does not show here.

const { name, folder, stallMs } = workerData as StallWatchData;
const evidence = new EvidenceFile(folder, name);
let before = performance.now();
setInterval(
  () => {
    const now = performance.now();
    if (now - before > stallMs) evidence.write('STALL', '-', String(Math.ceil(now - before)));
    before = now;
  },
  Math.min(100, stallMs / 4),
);
