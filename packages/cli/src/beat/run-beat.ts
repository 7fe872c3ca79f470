import type { CommandOutput } from '../command-output.js';
import { exitStatus } from '../exit-status.js';
import { packageVersion } from '../package-version.js';
import { refuseEmbedded } from '../process/refuse-embedded.js';
import { RoleProcess } from '../process/role-process.js';
import type { BeatFlags } from './beat-flags.js';
import { asBeat } from './beat-role.js';

/** Runs the process that `lovage beat` is; gives its exit status. */
export async function runBeat(
  flags: BeatFlags & { readonly app: string },
  output: CommandOutput,
): Promise<number> {
  const role = new RoleProcess(
    {
      name: 'beat',
      options: (given) => asBeat(given, flags),
      check: ({ settings }) => {
        refuseEmbedded(settings, ['broker'], 'beat');
      },
      isReady: ({ beat }) => beat?.started === true,
      introduce: ({ settings, stores }, quiet) => [
        ...(quiet
          ? []
          : [`lovage ${packageVersion()} beat "${settings.schedules.name}", ${stores.broker.address}`]),
        'beat ready.',
      ],
      // It has nothing in hand that would take time.
      patienceMs: () => 0,
      farewell: () => 'the beat hands over and ends',
      hurry: () => undefined,
      overdue: 'another one leads when its lease has run out',
      status: () => exitStatus.ok,
    },
    flags,
    output,
  );
  return await role.run();
}
