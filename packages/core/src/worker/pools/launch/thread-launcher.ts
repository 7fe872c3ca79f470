import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { lookAt } from '../../../message/thrown-value.js';
import type { ChildLauncher, ChildLink, ChildListener } from './child-link.js';

/** What a thread is started with. */
export interface ThreadData {
  /** A way of its own, so that what tasks tell by `parentPort` is no business of ours. */
  readonly port: MessagePort;
}

export interface ThreadLauncherOptions {
  /** URL of what a thread runs. Default: beside this file. */
  readonly program?: URL | undefined;
  /** A thread that needs more memory for its heap ends. Default: as the whole process. */
  readonly maxHeapBytes?: number | undefined;
}

const megabyte = 1024 * 1024;

/** Children that are threads of this process. */
export class ThreadLauncher implements ChildLauncher {
  constructor(private readonly options: ThreadLauncherOptions) {}

  launch({ onLine, onGone }: ChildListener): ChildLink {
    const { port1: port, port2 } = new MessageChannel();
    const { program = new URL('./thread-main.js', import.meta.url), maxHeapBytes } = this.options;
    const worker = new Worker(program, {
      name: 'lovage-pool',
      workerData: { port: port2 } satisfies ThreadData,
      transferList: [port2],
      // It is for programs of the command line, and would keep the thread from starting.
      ...(process.execArgv.some((option) => option.startsWith('--input-type')) && { execArgv: [] }),
      resourceLimits:
        maxHeapBytes === undefined ? {} : { maxOldGenerationSizeMb: Math.ceil(maxHeapBytes / megabyte) },
    });
    const name = `thread ${worker.threadId}`;
    const hear = (line: unknown): void => {
      if (typeof line === 'string') onLine(line);
    };
    let error: unknown;
    port.on('message', hear);
    worker.on('error', (thrown) => {
      error = thrown;
    });
    worker.once('exit', (code) => {
      // What it has told last may still be on its way.
      for (let last = receiveMessageOnPort(port); last !== undefined; last = receiveMessageOnPort(port)) {
        hear(last.message);
      }
      port.close();
      onGone({ how: howOf(code, error) });
    });
    return {
      name,
      // reason: a port has no origin.
      // oxlint-disable-next-line require-post-message-target-origin
      send: (line) => port.postMessage(line),
      kill: () => void worker.terminate(),
    };
  }
}

function howOf(code: number, error: unknown): string {
  if (error === undefined) return `it exited with code ${code}`;
  const { type, message } = lookAt(error);
  return `an error that nobody caught has ended it: ${type}: ${message}`;
}
