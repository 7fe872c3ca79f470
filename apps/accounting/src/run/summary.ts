import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Account } from '../check/account.js';
import type { RunRecord } from '../check/run-record.js';
import { verdictLine } from '../check/verdict.js';
import type { FinishedRun } from './run-accounting.js';
import type { Settings } from './settings.js';

const mostIds = 50;

/** Writes what a run was and what came of it, as JSON. @returns the path */
export function writeSummary(
  folder: string,
  settings: Settings,
  run: FinishedRun,
  record: RunRecord,
  status: number,
): string {
  const { account, ...rest } = run;
  const problems = countBy(record.lines.filter(({ kind }) => kind === 'PROBLEM').map(({ note }) => note));
  const refused = countBy(record.lines.filter(({ kind }) => kind === 'FAILED').map(({ note }) => note));
  const stalls = record.lines.filter(({ kind }) => kind === 'STALL').map(({ note }) => Number(note));
  const starts = record.lines.filter(({ kind }) => kind === 'START').length;
  const summary = {
    verdict: verdictLine(account),
    status,
    settings,
    node: process.version,
    ...rest,
    account: shortened(account),
    starts,
    problems,
    refused,
    stalls: { count: stalls.length, longestMs: Math.max(0, ...stalls) },
  };
  const path = join(folder, 'summary.json');
  writeFileSync(path, `${JSON.stringify(summary, undefined, 2)}\n`);
  return path;
}

/** Lists of ids with their number, and at most so many of them. */
function shortened(account: Account): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(account).map(([name, value]: [string, unknown]) => [
      name,
      Array.isArray(value) ? { count: value.length, first: value.slice(0, mostIds) } : value,
    ]),
  );
}

function countBy(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
