import { appFlag, type WorkerFlags, workerFlags } from '../flags/worker-flags.js';
import { exitStatus } from '../exit-status.js';
import { keyOf } from '../flags/flag.js';
import { WorkerProcess } from '../worker/worker-process.js';
import type { LovageCommand } from './command.js';

/** Flags of things that are being built. */
const notYet = workerFlags.filter(({ env }) => env === 'LOVAGE_TASK_EVENTS');

/** `lovage worker`: executes tasks. */
export const workerCommand: LovageCommand = {
  name: 'worker',
  about: 'Execute tasks: a worker of the app, whatever the app itself says it is.',
  flags: workerFlags,
  required: [appFlag],
  // reason: the flags of the table are those of the type, and the required one is there.
  run: async (values, output) => {
    // Nothing is dropped without a word.
    const missing = notYet.filter((flag) => values[keyOf(flag)] === true);
    for (const { flags } of missing) output.complain(`lovage worker: ${flags} is not there yet`);
    if (missing.length > 0) return exitStatus.usage;
    // reason: the flags of the table are those of the type, and the required one is there.
    return await new WorkerProcess(values as unknown as WorkerFlags & { readonly app: string }, output).run();
  },
};
