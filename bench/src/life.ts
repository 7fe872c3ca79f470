// npm run bench -- life: what the life of a task costs.
import { measurePools } from './life/pools.js';
import { printGoals } from './measure/report.js';

console.log(`node ${process.version}`);
await measurePools();
printGoals();
