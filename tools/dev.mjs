// npm run dev: the compiler in watch mode beside the sample application, which restarts when a compiled file changes.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { compile, compilerPath } from './compile.mjs';
import { endWithNpm } from './end-with-npm.mjs';
import { installMissing } from './install-missing.mjs';

endWithNpm();
await installMissing();
await compile('apps/sample');

const options = { cwd: fileURLToPath(new URL('..', import.meta.url)), stdio: 'inherit' };
const children = [
  spawn(await compilerPath(), ['-b', '--watch', '--preserveWatchOutput', 'apps/sample'], options),
  spawn(process.execPath, ['--watch', '--enable-source-maps', 'apps/sample/dist/main.js'], options),
];

// Neither is of use without the other. Both stay in our process group, so killing that leaves nothing behind.
const stop = () => {
  for (const child of children) child.kill();
};
for (const child of children) {
  child.on('exit', (code) => {
    process.exitCode ||= code ?? 0;
    stop();
  });
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
