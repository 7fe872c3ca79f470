import type { MessageLimits } from '../../message/message-limits.js';
import type { Stores } from '../../stores/stores.js';
import { AsyncPool } from './async-pool.js';
import type { ChildLauncher } from './launch/child-link.js';
import { ChildPool } from './child-pool.js';
import type { Pool } from './pool.js';
import type { PoolSettings } from './pool-settings.js';
import { ChildCalls } from './relay/child-calls.js';
import { ProcessLauncher } from './launch/process-launcher.js';
import { ThreadLauncher } from './launch/thread-launcher.js';

/** What children are, where it is not beside this code: for tests, which run the sources. */
export interface ChildPrograms {
  /** What a thread runs. */
  readonly thread?: URL;
  /** What a process runs. */
  readonly process?: URL;
  /** Makes children in place of threads and processes. */
  readonly launcher?: ChildLauncher;
}

export interface CreatePoolParts {
  readonly stores: Stores;
  readonly settings: PoolSettings;
  readonly programs: ChildPrograms | undefined;
  readonly hostname: string;
  readonly limits: MessageLimits;
  readonly taskNames: () => readonly string[];
  readonly onFree: () => void;
  readonly onStuck: () => void;
  readonly onProblem: (error: unknown) => void;
}

/** Least heap in which an application can be made. */
const leastHeapBytes = 128 * 1024 * 1024;

/** A task may need more than its child may have afterwards, but one that takes all must not take the memory of the others. */
const heapOf = ({ maxBytesPerChild }: PoolSettings): number | undefined =>
  maxBytesPerChild === undefined ? undefined : Math.max(leastHeapBytes, 2 * maxBytesPerChild);

/** The pool that the settings ask for; nothing runs yet. */
export function createPool({ programs, stores, ...parts }: CreatePoolParts): Pool {
  const { kind, concurrency, entry } = parts.settings;
  if (kind === 'solo') return new AsyncPool(1, { fixed: true });
  if (kind === 'async' || entry === undefined) return new AsyncPool(concurrency);
  const launcher: ChildLauncher =
    programs?.launcher ??
    (kind === 'threads'
      ? new ThreadLauncher({ program: programs?.thread, maxHeapBytes: heapOf(parts.settings) })
      : new ProcessLauncher(programs?.process));
  const { clock } = stores;
  return new ChildPool({
    ...parts,
    clock,
    entry,
    launcher,
    openCalls: (tell) => new ChildCalls(stores, tell),
  });
}
