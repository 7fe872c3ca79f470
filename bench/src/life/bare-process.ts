// A process of its own that computes what it is told and nothing else: what two cores give without any queue.
import { primesBelow } from './pool-app.js';

process.on('message', ({ tasks, below }: { readonly tasks: number; readonly below: number }) => {
  for (let task = 0; task < tasks; task += 1) primesBelow(below);
  process.send?.('done');
});
process.send?.('ready');
