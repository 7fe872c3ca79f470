// Brings node_modules to what package-lock.json says, if it is not there yet. Needs nothing but Node and npm.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { InstallLock } from './install-lock.mjs';

const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Ends the process when the install fails or is interrupted. */
export async function installMissing(root = fileURLToPath(new URL('..', import.meta.url))) {
  if (isInstalled(root)) return;
  const lock = new InstallLock(join(root, '.install.lock'));
  await lock.acquire((pid) => {
    console.error(`waiting for process ${pid}, which installs the dependencies`);
  });
  let outcome = { code: 0 };
  try {
    if (!isInstalled(root)) {
      console.error('installing the dependencies (npm ci)');
      outcome = await runNpm(root, lock);
    }
  } finally {
    lock.release();
  }
  const { code, signal } = outcome;
  if (code !== 0) {
    console.error(`npm ci ended with ${signal ?? `exit status ${code}`}; nothing was started`);
    process.exit(code ?? 128 + constants.signals[signal]);
  }
}

/**
 * npm writes node_modules/.package-lock.json last, when everything else is in place, so an install that was killed
 * leaves none (npm ci) or one that differs (npm install). The rest guards against folders deleted by hand.
 */
export function isInstalled(root) {
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const present = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  if (wanted === undefined) throw new Error('package-lock.json is missing or damaged; get it back from git');
  if (present === undefined) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '' || (entry.optional === true && !fitsHere(entry))) return true;
    const installed = present[path];
    return (
      installed !== undefined &&
      installed.version === entry.version &&
      installed.integrity === entry.integrity &&
      existsSync(join(root, path, 'package.json'))
    );
  });
}

/** Whether an optional package is made for just this system; others may rightly be absent. */
function fitsHere({ os, cpu, libc }) {
  if (!os?.includes(process.platform) || !cpu?.includes(process.arch)) return false;
  return libc === undefined || libc.includes(libcHere());
}

let knownLibc;
function libcHere() {
  process.report.excludeNetwork = true;
  knownLibc ??= process.report.getReport().header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
  return knownLibc;
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

function runNpm(root, lock) {
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const ownNpm = process.env['npm_execpath'];
  const options = { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] };
  const npm = ownNpm?.endsWith('npm-cli.js')
    ? spawn(process.execPath, [ownNpm, ...args], options)
    : spawn('npm', args, { ...options, shell: process.platform === 'win32' });
  if (npm.pid !== undefined) lock.shareWith(npm.pid);
  let received;
  // npm would take its time to finish or roll back. What it leaves half done is repaired by the next install.
  const end = (signal) => {
    received = signal;
    npm.kill('SIGKILL');
  };
  for (const signal of endingSignals) process.on(signal, end);
  return new Promise((resolve, reject) => {
    npm.on('error', reject);
    npm.on('exit', (code, signal) => {
      for (const name of endingSignals) process.off(name, end);
      resolve({ code, signal: received ?? signal });
    });
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await installMissing();
}
