// npm run bench -- life [core of another build] [pools|support]: what the life of a task costs.
import { measurePools } from './life/pools.js';
import { measureSupport } from './life/support.js';
import { printGoals } from './measure/report.js';

console.log(`node ${process.version}`);
const parts = process.argv.slice(2);
if (!parts.includes('pools')) await measureSupport(parts.find((part) => part.endsWith('.js')));
if (!parts.includes('support')) await measurePools();
printGoals();
