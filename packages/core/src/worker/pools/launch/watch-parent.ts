import { Worker } from 'node:worker_threads';

/** Looked at so often. */
const everyMs = 1000;

const program = `
  const { workerData } = require('node:worker_threads');
  setInterval(() => {
    if (process.ppid !== workerData) process.kill(process.pid, 'SIGKILL');
  }, ${everyMs});
`;

/**
 * Ends this process when its parent has gone. The closed channel tells so, too, but not to a process whose event loop is busy: a
 * thread beside it looks after that.
 */
export function watchParent(parentPid: number): void {
  const thread = new Worker(program, {
    eval: true,
    name: 'lovage-parent',
    workerData: parentPid,
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 },
    execArgv: [],
  });
  // What keeps the process alive is its channel, not this.
  thread.unref();
  thread.on('error', () => undefined);
}
