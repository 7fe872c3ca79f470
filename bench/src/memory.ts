// npm run bench -- memory: the way of a task with no network, and the cost of its message.
import { compareCodecs } from './memory/codec.js';
import { compareThroughput, measureLatency, measureMemory } from './memory/throughput.js';
import { printGoals } from './measure/report.js';

console.log(`node ${process.version}, one process, one event loop`);
await compareCodecs();
await compareThroughput();
await measureLatency();
await measureMemory();
printGoals();
