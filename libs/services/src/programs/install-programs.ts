import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ServiceError } from '../process/service-error.js';
import type { ProgramName, ProgramReport } from './program-report.js';

/** The one place that knows how to find and install; it must run without a build, so it is plain Node. */
const script = fileURLToPath(new URL('../../../../tools/install-programs.mjs', import.meta.url));

export interface FindProgramsOptions {
  /** Another catalogue than `programs.json`, for tests. */
  readonly catalogue?: string;
}

export interface InstallProgramsOptions extends FindProgramsOptions {
  /** Another program than apt-get, to be run whoever we are, for tests. */
  readonly aptGet?: string;
}

/**
 * Looks whether programs are on this machine, without installing anything. Synchronous, because Jest must know its
 * tests before it runs one; takes some 50 ms.
 *
 * @throws ServiceError PROGRAM_UNKNOWN for a name that is not in the catalogue
 */
export function findPrograms(
  names: readonly string[],
  options: FindProgramsOptions = {},
): readonly ProgramReport[] {
  return run(names, ['--check', ...catalogueArgument(options)]);
}

/**
 * Installs what is missing where that is possible: as root, on a Debian system. Where it is not, or the installation
 * fails, the report says so and with which command a person can do it. Safe to call from many processes at once.
 *
 * @throws ServiceError PROGRAM_UNKNOWN for a name that is not in the catalogue
 */
export function ensureInstalled(
  name: ProgramName | (string & {}),
  options: InstallProgramsOptions = {},
): ProgramReport {
  const apt = options.aptGet === undefined ? [] : ['--apt-get', options.aptGet];
  const [report] = run([name], [...catalogueArgument(options), ...apt]);
  if (report === undefined) throw new ServiceError('PROGRAM_UNKNOWN', `no report on ${name}`);
  return report;
}

function catalogueArgument(options: FindProgramsOptions): readonly string[] {
  return options.catalogue === undefined ? [] : ['--catalogue', options.catalogue];
}

function run(names: readonly string[], args: readonly string[]): readonly ProgramReport[] {
  const child = spawnSync(process.execPath, [script, '--json', ...args, '--', ...names], {
    encoding: 'utf8',
  });
  // 1 means that something is missing, which the reports say.
  if (child.status === 0 || child.status === 1) return JSON.parse(child.stdout) as readonly ProgramReport[];
  throw new ServiceError('PROGRAM_UNKNOWN', child.error?.message ?? child.stderr.trim());
}
