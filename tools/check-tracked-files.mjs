// Finds what must not be committed: addresses of package registries, and folders of the machine it was written on.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

const registry = new URL(execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim())
  .host;
const folders = [`${resolve('.')}/`, `${homedir()}/`].filter((folder) => folder.length > 2).map(escaped);
// Homes, this checkout, and what looks like the checkout of another machine.
const checkout = '/[\\w.-]+(?:/[\\w.-]+)*/(?:packages|libs|apps|node_modules)/';
const machinePath = new RegExp(
  `(?<![\\w.*\\])}$/@-])(?:file://)?(?:/home/\\w+/|/Users/\\w+/|${checkout}|${folders.join('|')})`,
);

const findings = [];
const tracked = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' }).split('\0').filter(Boolean);
for (const file of tracked) {
  const content = contentOf(file);
  if (content === undefined || content.includes('\0')) continue;
  for (const [index, line] of content.split('\n').entries()) {
    const report = (what) => findings.push(`${file}:${index + 1}: ${what}: ${line.trim().slice(0, 120)}`);
    if (file.endsWith('package-lock.json') && /"resolved": "https?:/.test(line))
      report('address of a registry');
    else if (line.includes(registry)) report('address of a registry');
    if (machinePath.test(line)) report('folder of one machine');
  }
}

/** undefined: deleted in the working tree, or a link to a folder. */
function contentOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

for (const finding of findings) console.error(finding);
if (findings.length > 0) process.exitCode = 1;
