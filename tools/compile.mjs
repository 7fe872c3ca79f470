// Runs the TypeScript compiler's build mode, without the wrapper script that outlives or loses its child.
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Where the native compiler is. */
export async function compilerPath() {
  const manifest = createRequire(import.meta.url).resolve('@typescript/native/package.json');
  const { default: getExePath } = await import(
    pathToFileURL(join(dirname(manifest), 'lib/getExePath.js')).href
  );
  return getExePath();
}

/**
 * Builds the projects and all that they refer to; ends the process when they do not compile.
 * @param projects folders below the root
 */
export async function compile(...projects) {
  const compiler = await compilerPath();
  build(compiler, ['-b', ...projects]);
  // The compiler believes its own notes and does not look whether its output is still there.
  const damaged = projects.flatMap(projectsBelow).filter((project) => !isComplete(project));
  if (damaged.length > 0) build(compiler, ['-b', '--force', ...projects]);
}

function build(compiler, args) {
  const { status, signal, error } = spawnSync(compiler, args, { cwd: root, stdio: 'inherit' });
  if (error !== undefined) throw error;
  if (status !== 0) {
    console.error(`the build failed (${signal ?? `exit status ${status}`})`);
    process.exit(status ?? 1);
  }
}

/** The project and those it refers to, as folders. */
function projectsBelow(folder) {
  const { references = [] } = JSON.parse(readFileSync(join(root, folder, 'tsconfig.json'), 'utf8'));
  return [folder, ...references.flatMap(({ path }) => projectsBelow(join(folder, path)))];
}

function isComplete(folder) {
  const sources = readdirSync(join(root, folder, 'src'), { recursive: true });
  return sources
    .filter((file) => /(?<!\.d)\.ts$/.test(file))
    .map((file) => join(root, folder, 'dist', file.replace(/ts$/, 'js')))
    .every((output) => (statSync(output, { throwIfNoEntry: false })?.size ?? 0) > 0);
}
