import { readFileSync } from 'node:fs';
import { beatFlags } from '../../src/beat/beat-flags.js';
import { exitStatus } from '../../src/exit-status.js';
import { workerFlags } from '../../src/flags/worker-flags.js';
import { cliErrors } from '../../src/index.js';

const page = readFileSync(new URL('../../../../docs/running.md', import.meta.url), 'utf8');
const section = (title: string): string => page.split(/^## /m).find((text) => text.startsWith(title)) ?? '';

const wordsIn = (text: string, pattern: RegExp): readonly string[] =>
  [...new Set([...text.matchAll(pattern)].map(([word]) => word))].toSorted();

/** The first two columns of the table of options. */
const rowsOf = (title: string): readonly string[][] =>
  section(title)
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').slice(1, 3));

const commands = [
  ['worker', 'Options', workerFlags],
  ['beat', 'Beat', beatFlags],
] as const;

describe('docs/running.md', () => {
  it.each(commands)('tells of each option of lovage %s, and of no other', (_name, title, of) => {
    const told = rowsOf(title)
      .map(([options = '']) => options)
      .join(' ');
    const flags = of.map((flag) => flag.flags).join(' ');
    expect(wordsIn(told, /--[a-z-]+/g)).toStrictEqual(wordsIn(flags, /--[a-z-]+/g));
    expect(wordsIn(told, /(?<=`)-[A-Za-z]\b/g)).toStrictEqual(wordsIn(flags, /(?<!-)-[A-Za-z]\b(?=,)/g));
  });

  it.each(commands)('tells of each variable of lovage %s, and of no other', (_name, title, of) => {
    const told = rowsOf(title)
      .map(([, variables = '']) => variables)
      .join(' ');
    expect(wordsIn(told, /LOVAGE_[A-Z_]+/g)).toStrictEqual(of.map(({ env }) => env).toSorted());
  });

  it('tells of each exit status', () => {
    const told = wordsIn(section('Signals and the end'), /(?<=^\| )\d+(?= \|)/gm);
    expect(told).toStrictEqual(Object.values(exitStatus).map(String).toSorted());
  });

  it('tells of each error of the command, with its summary', () => {
    const told = section('Errors of the command')
      .split('\n')
      .filter((line) => line.startsWith('| `LOVAGE_'));
    const expected = cliErrors.map(({ code, summary }) => `| \`${code}\` | ${summary} |`);
    expect(told.toSorted()).toStrictEqual(expected.toSorted());
  });
});
