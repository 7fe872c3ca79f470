import { appFlag } from '../flags/common-flags.js';
import { type WorkerFlags, workerFlags } from '../flags/worker-flags.js';
import { runWorker } from '../worker/run-worker.js';
import type { LovageCommand } from './command.js';

/** `lovage worker`: executes tasks. */
export const workerCommand: LovageCommand = {
  name: 'worker',
  about: 'Execute tasks: a worker of the app, whatever the app itself says it is.',
  flags: workerFlags,
  required: [appFlag],
  run: async (values, output) =>
    // reason: the flags of the table are those of the type, and the required one is there.
    await runWorker(values as unknown as WorkerFlags & { readonly app: string }, output),
};
