// Sees to it that the outside programs which tests need are there. Plain Node without dependencies: it runs before
// anything is built.
//
//   node tools/install-programs.mjs [options] [program…]      programs: names of the catalogue; default: all
//
//   --check             only look, never install
//   --json              print one JSON array of { name, title, status, executable, install, reason } instead of sentences
//   --catalogue FILE    default: libs/services/programs.json
//   --apt-get FILE      use this program in place of apt-get, whoever we are (for tests)
//
// Missing Debian packages are installed when we are root on a Debian system, unless LOVAGE_INSTALL=never. Ends with 0
// when all programs are there, 1 when one is missing, 2 when it was called wrongly.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const updateSeconds = 180;
const installSeconds = 900;
/** Any file would do: flock locks the file itself and writes nothing into it. */
const lock = fileURLToPath(import.meta.url);

const { values: options, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    check: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    catalogue: {
      type: 'string',
      default: fileURLToPath(new URL('../libs/services/programs.json', import.meta.url)),
    },
    'apt-get': { type: 'string' },
    // Set when this script calls itself under the lock.
    locked: { type: 'boolean', default: false },
  },
});

const catalogue = JSON.parse(readFileSync(options.catalogue, 'utf8'));
const unknown = wanted.filter((name) => !catalogue.some((program) => program.name === name));
if (unknown.length > 0) {
  const known = catalogue.map((program) => program.name).join(', ');
  console.error(`no such program in the catalogue: ${unknown.join(', ')}. There are: ${known}`);
  process.exit(2);
}
const programs =
  wanted.length === 0 ? catalogue : catalogue.filter((program) => wanted.includes(program.name));

/** The files tell at once; the probe (slow, starts the program) finds what was installed in some other way. */
function isThere(program) {
  if (program.files.every((file) => existsSync(file))) return true;
  const [command, ...args] = program.probe;
  return existsSync(command) && spawnSync(command, args, { stdio: 'ignore', timeout: 30_000 }).status === 0;
}

function installCommand(program) {
  return `apt-get install --yes ${program.debianPackages.join(' ')}`;
}

/** Why we do not even try to install; undefined: we do. */
function obstacle() {
  if (options.check) return 'only looked';
  if (process.env.LOVAGE_INSTALL === 'never') return 'LOVAGE_INSTALL is "never"';
  if (options['apt-get'] !== undefined) return undefined;
  if (!existsSync('/etc/debian_version') || !existsSync('/usr/bin/apt-get'))
    return 'this is no Debian system';
  if (process.getuid?.() !== 0) return 'only root can install packages';
  return undefined;
}

/** `timeout` ends the whole group of apt-get, which a time limit of spawnSync would not. */
function apt(seconds, args) {
  const run = spawnSync(
    'timeout',
    ['--kill-after=10', String(seconds), options['apt-get'] ?? '/usr/bin/apt-get', '--quiet=2', ...args],
    {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  if (run.status === 0) return undefined;
  if (run.status === 124 || run.status === 137) return `apt-get ${args[0]} took more than ${seconds} s`;
  const said = (run.error?.message ?? run.stderr.trim()).split('\n').slice(-3).join(' | ');
  return `apt-get ${args[0]} failed: ${said}`;
}

/** Returns what went wrong, if anything. An update that fails is forgiven when the old package lists will do. */
function install(missing) {
  const packages = missing.flatMap((program) => program.debianPackages);
  console.error(`installing Debian packages for tests: ${packages.join(' ')}`);
  const updateFailure = apt(updateSeconds, ['update']);
  const failure = apt(installSeconds, [
    'install',
    '-o',
    'DPkg::Lock::Timeout=300',
    '--yes',
    '--no-install-recommends',
    ...packages,
  ]);
  return failure === undefined ? undefined : [updateFailure, failure].filter(Boolean).join('; ');
}

/** Several test runs may find the same program missing at the same time; one installs, the others wait for it. */
function installUnderLock() {
  const seconds = updateSeconds + installSeconds + 30;
  const self = [process.execPath, process.argv[1], '--locked', '--json', ...process.argv.slice(2)];
  const run = spawnSync('flock', ['--timeout', String(seconds), lock, ...self], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (run.stdout) return { reports: JSON.parse(run.stdout) };
  return {
    failure: run.error?.message ?? `no lock within ${seconds} s: another process is still installing`,
  };
}

function report(program, status, reason) {
  return {
    name: program.name,
    title: program.title,
    status,
    executable: program.executable,
    install: installCommand(program),
    ...(reason === undefined ? {} : { reason }),
  };
}

function bringAbout() {
  const missing = programs.filter((program) => !isThere(program));
  let reason = missing.length === 0 ? undefined : obstacle();
  const tried = missing.length > 0 && reason === undefined;
  if (tried) {
    if (!options.locked) {
      const { reports, failure } = installUnderLock();
      if (reports !== undefined) return reports;
      reason = failure;
    } else {
      reason = install(missing);
    }
  }
  return programs.map((program) => {
    if (!missing.includes(program)) return report(program, 'available');
    if (tried && isThere(program)) return report(program, 'installed');
    return report(program, 'missing', reason ?? 'its packages are installed, but it is still not found');
  });
}

const outcome = bringAbout();
const absent = outcome.filter((program) => program.status === 'missing');
if (options.json) {
  console.log(JSON.stringify(outcome));
} else {
  for (const program of absent) {
    console.error(
      `missing for tests: ${program.title} (${program.reason}). Install it with: ${program.install}`,
    );
  }
}
process.exitCode = absent.length > 0 ? 1 : 0;
