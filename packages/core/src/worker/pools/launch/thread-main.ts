// What a child of the pool `threads` runs.
import { workerData } from 'node:worker_threads';
import type { ThreadData } from './thread-launcher.js';
import { serveChild } from '../child/serve-child.js';

const { port } = workerData as ThreadData;
const take = serveChild({
  // reason: a port has no origin.
  // oxlint-disable-next-line require-post-message-target-origin
  send: (line) => port.postMessage(line),
  // Of a thread this ends the thread alone.
  exit: () => process.exit(0),
  memory: () => {
    const { heapTotal, external } = process.memoryUsage();
    return heapTotal + external;
  },
});
port.on('message', take);
