import { parseArgs } from 'node:util';

export const sectionNames = ['send', 'drain', 'round-trip', 'delayed', 'depth'] as const;
export type SectionName = (typeof sectionNames)[number];

export interface BenchOptions {
  /** Counted rounds; one more warms up. */
  readonly rounds: number;
  /** Every count is divided by this. */
  readonly divisor: number;
  /** A million waiting tasks too. */
  readonly full: boolean;
  readonly only: ReadonlySet<SectionName>;
  /** Only these contenders, by their first words; empty: all. */
  readonly contenders: readonly string[];
  /** Folder for CPU profiles of all agents that are Node processes. */
  readonly profile: string | undefined;
}

const quickDivisor = 20;

/** @throws an Error that says what is wrong with the arguments */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
      only: { type: 'string' },
      contenders: { type: 'string' },
      profile: { type: 'string' },
    },
  });
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds must be a whole number from 1');
  const only = (values.only ?? sectionNames.join(',')).split(',');
  const unknown = only.filter((name) => !isSection(name));
  if (unknown.length > 0)
    throw new Error(`--only knows ${sectionNames.join(', ')}, not ${unknown.join(', ')}`);
  return {
    rounds,
    divisor: values.quick ? quickDivisor : 1,
    full: values.full,
    only: new Set(only.filter(isSection)),
    contenders: (values.contenders?.split(',') ?? []).filter((word) => word !== ''),
    profile: values.profile,
  };
}

const isSection = (name: string): name is SectionName => (sectionNames as readonly string[]).includes(name);
