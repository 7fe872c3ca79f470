import type { Measured } from './rounds.js';

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** Prints a table; `base` is the contender that ratios are told against. */
export function printTable(title: string, rows: readonly Measured[], base: string): void {
  const reference = rows.find((row) => row.name === base)?.perSecond ?? Number.NaN;
  console.log(`\n${title}`);
  console.table(
    rows.map((row) => ({
      contender: row.name,
      'per second (median)': whole.format(row.perSecond),
      'µs each': (1e6 / row.perSecond).toFixed(2),
      'slowest … fastest': `${whole.format(row.slowest)} … ${whole.format(row.fastest)}`,
      [`time, ${base} = 1`]: (reference / row.perSecond).toFixed(2),
      ...row.details,
    })),
  );
}

const goals: string[] = [];

/** Remembers a goal for the last lines. A value that is not a number was not measured, and counts as missed. */
export function goal(
  name: string,
  value: number,
  wanted: { readonly atLeast: number } | { readonly atMost: number },
  digits = 0,
): void {
  const met = 'atLeast' in wanted ? value >= wanted.atLeast : value <= wanted.atMost;
  const text =
    'atLeast' in wanted ? `>= ${shown(wanted.atLeast, digits)}` : `<= ${shown(wanted.atMost, digits)}`;
  const measured = Number.isNaN(value) ? 'not measured' : value.toFixed(digits);
  goals.push(`goal ${name}: ${measured} (wanted ${text}) ${met ? 'met' : 'missed'}`);
}

/** A limit as it was given; one that has no end is cut as its value is. */
const shown = (limit: number, digits: number): string => String(Number(limit.toFixed(digits)));

/** Prints the goals, one a line, at the very end. */
export function printGoals(): void {
  console.log('');
  for (const line of goals) console.log(line);
}
