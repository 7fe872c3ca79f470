// npm run accounting -- [arguments]: builds and becomes apps/accounting, load with kills in which each task is accounted for.
import { fileURLToPath } from 'node:url';
import { compile } from './compile.mjs';
import { installMissing } from './install-missing.mjs';

await installMissing();
await compile('apps/accounting');
const main = new URL('../apps/accounting/dist/main.js', import.meta.url);
process.argv.splice(1, 1, fileURLToPath(main));
await import(main.href);
