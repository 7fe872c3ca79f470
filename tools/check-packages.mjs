// Lints every publishable package as it would be published. Run by npm, so node_modules/.bin is on the path.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const checks = {
  publint: (folder) => ['--strict', folder],
  attw: (folder) => ['--pack', folder, '--profile', 'esm-only', '--format', 'ascii'],
};

const publishable = readdirSync('packages')
  .map((name) => `packages/${name}`)
  .filter((folder) => JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')).private !== true);

for (const folder of publishable) {
  for (const [command, argumentsFor] of Object.entries(checks)) {
    const { status, error } = spawnSync(command, argumentsFor(folder), { stdio: 'inherit' });
    if (error !== undefined) throw error;
    if (status !== 0) {
      console.error(`${command} refuses ${folder}`);
      process.exitCode = 1;
    }
  }
}
