import { SystemClock } from '../../../clock/system-clock.js';
import { Deadline } from '../../../clock/deadline.js';
import { HopBatch, readBatch } from '../hop/hop-batch.js';
import { toHopError } from '../hop/hop-error.js';
import type { FromChild, ToChild } from '../hop/hop-messages.js';
import type { ChildApp, ChildApplication, ChildExecutor } from './child-application.js';
import { loadEntry } from './load-entry.js';
import { markPoolChild } from './inside-pool-child.js';

/** The way of a child to its parent, and to its end. */
export interface ChildChannel {
  readonly send: (line: string) => void;
  /** Ends the process or thread. */
  readonly exit: () => void;
  /** Bytes of memory in use. */
  readonly memory: () => number;
}

/** Closing the application may take this long; the parent has its own deadline. */
const closingMs = 10_000;

/**
 * What a child does with what it is told: makes the application, executes, and ends.
 *
 * @returns takes each line from the parent
 */
export function serveChild({ send, exit, memory }: ChildChannel): (line: string) => void {
  markPoolChild();
  const clock = new SystemClock();
  const batch = new HopBatch<FromChild>(clock, send);
  let close: (() => Promise<void>) | undefined;
  let executor: ChildExecutor | undefined;
  let watchMemory = false;
  let memoryDue = false;

  const tell = (message: FromChild): void => {
    if (watchMemory && message.kind === 'ended' && !memoryDue) {
      // Looked at once for all that end in one turn, and told before the first of them.
      memoryDue = true;
      clock.endOfTurn(() => {
        memoryDue = false;
      });
      batch.tell({ kind: 'memory', bytes: memory() });
    }
    batch.tell(message);
  };

  const boot = async ({ entry, hostname, ...options }: ToChild & { kind: 'boot' }): Promise<void> => {
    try {
      ({ watchMemory } = options);
      const made = await loadEntry(entry);
      const app = appOf(made);
      close = async () => await made.close();
      executor = app.childExecutor({ hostname, tell });
      batch.tell({ kind: 'ready', tasks: app.registry.names() });
    } catch (error) {
      batch.tell({ kind: 'unfit', error: toHopError(error) });
    }
    batch.flush();
  };

  const end = async (): Promise<void> => {
    await Deadline.in(clock, closingMs).within(close?.() ?? Promise.resolve());
    batch.flush();
    exit();
  };

  return (line) => {
    for (const message of readBatch<ToChild>(line) ?? []) {
      if (message.kind === 'boot') void boot(message);
      else if (message.kind === 'end') void end();
      else if (message.kind === 'exit') exit();
      else if (message.kind === 'ping') batch.tell({ kind: 'pong' });
      else executor?.take(message);
    }
  };
}

const appOf = (made: ChildApplication): ChildApp => ('app' in made ? made.app : made);
