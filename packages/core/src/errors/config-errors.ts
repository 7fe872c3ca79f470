import { defineError } from './define-error.js';

/** One thing that is wrong with the options. */
export interface OptionProblem {
  /** Path of the option, such as `worker.concurrency`. */
  readonly option: string;
  readonly expected: string;
  readonly got: unknown;
}

const shown = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80));
  if (typeof value === 'function') return `a function (${value.name || 'anonymous'})`;
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return String(value);
};

export const OPTION_INVALID = defineError<{ readonly problems: readonly OptionProblem[] }>(
  'LOVAGE_OPTION_INVALID',
  'Options are unknown or have wrong values; all problems are told together.',
  ({ problems }) =>
    problems
      .map(
        (p) =>
          `expected "${p.option}" to be ${p.expected}, got: ${shown(p.got)} (${p.got === null ? 'null' : typeof p.got}).`,
      )
      .join('\n'),
);

export const DRIVER_MISSING = defineError<{ readonly scheme: string; readonly install: string }>(
  'LOVAGE_DRIVER_MISSING',
  'The package that serves the scheme of a broker or result store URL is not installed.',
  (d) => `"${d.scheme}://" needs a package that is not installed. Install it: npm install ${d.install}`,
);

export const SCHEME_UNKNOWN = defineError<{ readonly scheme: string; readonly known: readonly string[] }>(
  'LOVAGE_SCHEME_UNKNOWN',
  'No driver is known for the scheme of a broker or result store URL.',
  (d) => `no driver is known for "${d.scheme}://". Known: ${d.known.map((name) => `${name}://`).join(', ')}.`,
);

export const CAPABILITY_MISSING = defineError<{
  readonly driver: string;
  readonly capability: string;
  readonly instead: string;
}>(
  'LOVAGE_CAPABILITY_MISSING',
  'A driver was asked for something that its technology cannot do.',
  (d) => `the ${d.driver} driver cannot do "${d.capability}". ${d.instead}`,
);

export const configErrors = [OPTION_INVALID, DRIVER_MISSING, SCHEME_UNKNOWN, CAPABILITY_MISSING];
