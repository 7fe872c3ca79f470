// npm run bench -- <name> [arguments]: builds and becomes the benchmark bench/src/<name>.ts.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compile } from './compile.mjs';
import { installMissing } from './install-missing.mjs';

const names = readdirSync(new URL('../bench/src', import.meta.url))
  .filter((file) => file.endsWith('.ts') && file !== 'index.ts')
  .map((file) => file.replace(/\.ts$/, ''))
  .toSorted();
const name = process.argv[2];

if (name === undefined || !names.includes(name)) {
  if (name !== undefined) console.error(`no benchmark "${name}"`);
  console.error(`usage: npm run bench -- <name>\nnames: ${names.join(', ') || 'none yet'}`);
  process.exit(2);
}

await installMissing();
await compile('bench');
const main = new URL(`../bench/dist/${name}.js`, import.meta.url);
process.argv.splice(1, 2, fileURLToPath(main));
await import(main.href);
