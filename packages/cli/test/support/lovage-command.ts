import { fileURLToPath } from 'node:url';
import { ChildProgram, type ProgramExit } from '@lovage/services';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const bin = fileURLToPath(new URL('../../bin/lovage.js', import.meta.url));

/** Path of a module in test/apps. */
export const appPath = (name: string): string => fileURLToPath(new URL(`../apps/${name}`, import.meta.url));

/** Generous: it passes only when the test fails anyway. */
export const withinMs = 60_000;

/** Builds the command and all that the apps of the tests need. */
export async function compileCommand(): Promise<void> {
  const code =
    "const { compile } = await import('./tools/compile.mjs'); await compile('packages/cli', 'packages/nestjs', 'packages/redis', 'packages/rabbitmq');";
  const compiler = new ChildProgram({
    name: 'the compiler',
    command: process.execPath,
    args: ['--input-type=module', '--eval', code],
    cwd: root,
    env: { NODE_OPTIONS: undefined },
  });
  await compiler.start();
  const { code: status } = await compiler.exited;
  if (status !== 0) throw compiler.errorWithOutput('PROGRAM_EXITED', `ended with status ${status}`);
}

/** Commands of a test; what is left of them is killed at its end. */
export class LovageCommands {
  private readonly programs: ChildProgram[] = [];

  /** Starts `lovage …`. */
  async start(
    args: readonly string[],
    env: Readonly<Record<string, string | undefined>> = {},
  ): Promise<ChildProgram> {
    const program = new ChildProgram({
      name: `lovage ${args[0]}`,
      command: process.execPath,
      args: [bin, ...args],
      env: { NODE_OPTIONS: undefined, ...env },
    });
    this.programs.push(program);
    await program.start();
    return program;
  }

  /** Starts a worker; resolves when it takes tasks. */
  async worker(
    app: string,
    args: readonly string[],
    env: Readonly<Record<string, string | undefined>> = {},
  ): Promise<ChildProgram> {
    const program = await this.start(['worker', '-A', appPath(app), ...args], env);
    await program.waitForLine(/ ready\.$/, { withinMs });
    return program;
  }

  /** Runs a command to its end. */
  async run(
    args: readonly string[],
    env: Readonly<Record<string, string | undefined>> = {},
  ): Promise<ProgramExit & { readonly output: string }> {
    const program = await this.start(args, env);
    const exit = await program.exited;
    return { ...exit, output: `${program.output('stdout')}\n${program.output('stderr')}` };
  }

  async clear(): Promise<void> {
    await Promise.all(this.programs.splice(0).map(async (program) => await program.kill()));
  }
}
