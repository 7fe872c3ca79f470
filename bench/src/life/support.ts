import { execFile } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { goal } from '../measure/report.js';
import { median } from '../measure/rounds.js';

const run = promisify(execFile);
const program = new URL('./plain-run.js', import.meta.url).pathname;
const tasks = 30_000;
const pairs = 7;
const features = ['a time limit', 'both time limits', 'automatic retries', 'hooks', 'early acknowledgement'];

/**
 * What the life of a task costs one that does nothing: tasks that use one thing of it beside plain ones, and plain ones beside those of
 * another build, such as one from before. Pairs of processes, in turn, so that a slow moment meets both.
 *
 * @param before module of the core of another build: `…/packages/core/dist/index.js`
 */
export async function measureSupport(before: string | undefined): Promise<void> {
  const here = import.meta.resolve('@lovage/core');
  console.log(`\na task that does nothing: microseconds of CPU each, median of ${pairs} pairs of processes`);
  const rows = [];
  for (const feature of features)
    rows.push({ with: feature, ...(await compare([here, 'none'], [here, feature])) });
  console.table(rows);
  if (before === undefined) {
    console.log(
      'plain tasks beside those of another build: npm run bench -- life <its packages/core/dist/index.js>',
    );
    return;
  }
  const other = pathToFileURL(before).href;
  const against = await compare([other, 'none'], [here, 'none']);
  console.log('\nplain tasks of this build beside those of the other one');
  console.table([against]);
  goal('part that plain tasks cost more than in the other build', against.ratio - 1, { atMost: 0.05 }, 3);
}

type Contender = readonly [module: string, feature: string];

async function compare(
  first: Contender,
  second: Contender,
): Promise<{ readonly first: number; readonly second: number; readonly ratio: number }> {
  const [ones, others, ratios]: [number[], number[], number[]] = [[], [], []];
  for (let pair = 0; pair < pairs; pair += 1) {
    // The one that goes first changes.
    const order = pair % 2 === 0 ? [first, second] : [second, first];
    const [a, b] = [await costOf(order[0] ?? first), await costOf(order[1] ?? second)];
    const [one, other] = pair % 2 === 0 ? [a, b] : [b, a];
    ones.push(one);
    others.push(other);
    ratios.push(other / one);
  }
  return { first: shown(median(ones)), second: shown(median(others)), ratio: shown(median(ratios)) };
}

const shown = (value: number): number => Number(value.toFixed(3));

async function costOf([module, feature]: Contender): Promise<number> {
  const { stdout } = await run(process.execPath, [program, module, String(tasks), feature]);
  return Number(stdout.trim());
}
