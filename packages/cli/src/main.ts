import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { CommandOutput } from './command-output.js';
import { beatCommand } from './commands/beat-command.js';
import type { LovageCommand } from './commands/command.js';
import { workerCommand } from './commands/worker-command.js';
import { exitStatus } from './exit-status.js';
import { type Flag, keyOf } from './flags/flag.js';
import { readEnvironment } from './flags/read-environment.js';
import { packageVersion } from './package-version.js';

/** One line for each command. */
const commands: readonly LovageCommand[] = [workerCommand, beatCommand];

/** Runs the command line and ends the process with its status. */
export async function main(argv: readonly string[]): Promise<never> {
  const status = await runCommand(argv, {
    env: process.env,
    say: (text) => void process.stdout.write(`${text}\n`),
    complain: (text) => void process.stderr.write(`${text}\n`),
  });
  // Whatever the application has left open must not keep a process that was told to end. Output to a pipe leaves first.
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit(status);
}

export interface CommandLine extends CommandOutput {
  readonly env: NodeJS.ProcessEnv;
}

/** @returns the exit status */
export async function runCommand(
  argv: readonly string[],
  { env, say, complain }: CommandLine,
): Promise<number> {
  let status: number = exitStatus.ok;
  const program = new Command('lovage')
    .description('Distributed tasks that speak Celery’s protocol.')
    .version(packageVersion(), '-v, --version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => say(text.trimEnd()),
      writeErr: (text) => complain(text.trimEnd()),
    })
    .showHelpAfterError('(lovage --help tells what there is)');
  for (const command of commands) {
    const sub = program.command(command.name).description(command.about).copyInheritedSettings(program);
    for (const flag of command.flags) sub.addOption(optionOf(flag));
    sub.action(async (given: Readonly<Record<string, unknown>>) => {
      const { values, problems } = readEnvironment(command.flags, env);
      // The command line wins.
      const all: Readonly<Record<string, unknown>> = { ...values, ...given };
      const missing = command.required
        .filter((flag) => all[keyOf(flag)] === undefined)
        .map((flag) => `${flag.flags} is missing (or ${flag.env} in the environment): ${flag.about}`);
      for (const problem of [...problems, ...missing]) complain(`lovage ${command.name}: ${problem}`);
      status =
        problems.length + missing.length > 0 ? exitStatus.usage : await command.run(all, { say, complain });
    });
  }
  try {
    await program.parseAsync(argv);
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // What is wrong, or the help that was asked for, has been written.
    return error.exitCode === 0 ? exitStatus.ok : exitStatus.usage;
  }
}

function optionOf({ flags, about, env, read }: Flag): Option {
  const option = new Option(flags, `${about} (${env})`);
  if (read === undefined) return option;
  return option.argParser((text) => {
    try {
      return read(text);
    } catch (error) {
      throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
    }
  });
}

async function flushed(stream: NodeJS.WriteStream): Promise<void> {
  await new Promise<void>((resolve) => {
    stream.write('', () => resolve());
  });
}
