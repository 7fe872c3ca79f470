import type { CommandOutput } from '../command-output.js';
import type { Flag } from '../flags/flag.js';

/** One command of `lovage`: one file in this folder, and one line in `commands`. */
export interface LovageCommand {
  readonly name: string;
  readonly about: string;
  readonly flags: readonly Flag[];
  /** Flags that must be given, on the command line or in the environment. */
  readonly required: readonly Flag[];
  /** @returns the exit status */
  readonly run: (values: Readonly<Record<string, unknown>>, output: CommandOutput) => Promise<number>;
}
