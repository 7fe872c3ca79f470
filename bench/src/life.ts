// npm run bench -- life [core of another build] [pools|cores|support]: what the life of a task costs.
import { measureCores } from './life/cores.js';
import { measurePools } from './life/pools.js';
import { measureSupport } from './life/support.js';
import { printGoals } from './measure/report.js';

console.log(`node ${process.version}`);
const parts = process.argv.slice(2);
const asked = (part: string): boolean =>
  parts.includes(part) || !['pools', 'cores', 'support'].some((one) => parts.includes(one));
if (asked('support')) await measureSupport(parts.find((part) => part.endsWith('.js')));
if (asked('pools')) await measurePools();
if (asked('cores')) await measureCores();
printGoals();
