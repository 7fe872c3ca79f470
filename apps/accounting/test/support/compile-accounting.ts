import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../', import.meta.url));

/** Compiles this application, since its processes run JavaScript. Quick when there is nothing to do. */
export function compileAccounting(): void {
  const compiler = createRequire(import.meta.url).resolve('@typescript/native/package.json');
  execFileSync(process.execPath, [join(dirname(compiler), 'bin/tsc'), '-b', folder]);
}

/** A compiled file of this application. */
export function compiled(path: string): string {
  return join(folder, 'dist', path);
}
