// npm test: installs what is missing and becomes Jest, with all arguments. Tests run from the sources, without a build.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { endWithNpm } from './end-with-npm.mjs';
import { installMissing } from './install-missing.mjs';

endWithNpm();
await installMissing();
// What it cannot install it names; the tests that need it are then skipped by name, or fail in CI.
spawnSync(process.execPath, [fileURLToPath(new URL('install-programs.mjs', import.meta.url))], {
  stdio: 'inherit',
});
createRequire(import.meta.url)('jest/bin/jest');
