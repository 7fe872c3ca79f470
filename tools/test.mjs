// npm test: installs what is missing and becomes Jest, with all arguments. Tests run from the sources, without a build.
import { createRequire } from 'node:module';
import { installMissing } from './install-missing.mjs';

await installMissing();
createRequire(import.meta.url)('jest/bin/jest');
