import { type BeatFlags, beatFlags } from '../beat/beat-flags.js';
import { runBeat } from '../beat/run-beat.js';
import { appFlag } from '../flags/common-flags.js';
import type { LovageCommand } from './command.js';

/** `lovage beat`: sends periodic tasks. */
export const beatCommand: LovageCommand = {
  name: 'beat',
  about: 'Send periodic tasks when they are due. Any number may run: one leads.',
  flags: beatFlags,
  required: [appFlag],
  run: async (values, output) =>
    // reason: the flags of the table are those of the type, and the required one is there.
    await runBeat(values as unknown as BeatFlags & { readonly app: string }, output),
};
