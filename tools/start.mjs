// npm start: installs what is missing, builds, and becomes the sample application; npm run worker becomes its worker. It
// runs in this very process, so signals, exit status and death are its own and nothing can be left behind.
import { fileURLToPath } from 'node:url';
import { compile } from './compile.mjs';
import { endWithNpm } from './end-with-npm.mjs';
import { installMissing } from './install-missing.mjs';

endWithNpm();
await installMissing();
await compile('apps/sample');

const entry = process.argv[2] === 'worker' ? 'worker' : 'main';
const main = new URL(`../apps/sample/dist/${entry}.js`, import.meta.url);
process.argv[1] = fileURLToPath(main);
process.setSourceMapsEnabled(true);
await import(main.href);
