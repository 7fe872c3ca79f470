import { findPrograms } from './install-programs.js';
import type { ProgramName, ProgramReport } from './program-report.js';

type Block = (name: string, body: () => void) => void;

/** What is needed of Jest. */
export interface SuiteRegistry {
  readonly describe: Block & { readonly skip: Block };
  readonly it: Block;
}

export interface DescribeWithOptions {
  /** Where to register. Default: Jest's own `describe` and `it` of the running test file. */
  readonly registry?: SuiteRegistry;
  /** What is known of the programs. Default: looks for them. */
  readonly reports?: readonly ProgramReport[];
  /** Whether a missing program is a failure. Default: the environment variable CI is set, and not to "false". */
  readonly required?: boolean;
}

/**
 * A `describe` for tests that need outside programs. Where one is missing, each of its tests appears by name as skipped,
 * under a title with the command that installs it; in CI there is a failing test too, so that nothing goes untested
 * unnoticed.
 *
 * @example describeWith('celery', 'a message for Python', () => { it('is decoded', async () => { … }); });
 */
export function describeWith(
  programs: ProgramName | readonly ProgramName[],
  name: string,
  body: () => void,
  options: DescribeWithOptions = {},
): void {
  const registry = options.registry ?? (globalThis as unknown as SuiteRegistry);
  const reports = options.reports ?? findPrograms(typeof programs === 'string' ? [programs] : programs);
  const missing = reports.filter((report) => report.status === 'missing');
  if (missing.length === 0) {
    registry.describe(name, body);
    return;
  }
  const hint = missing
    .map(({ title, install }) => `${title} is missing, install it with: ${install}`)
    .join('; ');
  registry.describe.skip(`${name} [skipped: ${hint}]`, body);
  if (options.required ?? runsInCi()) {
    registry.describe(name, () => {
      registry.it('has the programs that it needs', () => {
        throw new Error(`in CI nothing may be skipped: ${hint}`);
      });
    });
  }
}

function runsInCi(): boolean {
  const { CI: ci = '' } = process.env;
  return ci !== '' && ci !== 'false';
}
