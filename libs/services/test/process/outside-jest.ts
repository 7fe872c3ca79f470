import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ChildProgram } from '@lovage/services';

const repositoryRoot = fileURLToPath(new URL('../../../../', import.meta.url));
const packageFolder = fileURLToPath(new URL('../../', import.meta.url));

/** Compiles this package, since a process outside Jest runs its JavaScript. Quick when there is nothing to do. */
export function compileServices(): void {
  const compiler = createRequire(import.meta.url).resolve('@typescript/native/package.json');
  execFileSync(process.execPath, [join(dirname(compiler), 'bin/tsc'), '-b', packageFolder]);
}

/** A process that runs `program`, an ES module that may import @lovage/services, as a test process would. */
export function outsideJest(program: string, args: readonly string[] = []): ChildProgram {
  return new ChildProgram({
    name: 'a process outside Jest',
    command: process.execPath,
    args: ['--input-type=module', '-e', program, ...args],
    cwd: repositoryRoot,
  });
}
