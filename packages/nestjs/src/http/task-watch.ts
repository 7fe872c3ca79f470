import type { Clock, TaskResult, TaskSnapshot } from '@lovage/core';
import { type AnyRequest, onDisconnect } from './disconnection.js';

/** What ends the watching of a task before the task ends. */
export interface WatchLimits {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** The application is being closed. */
  readonly closing: AbortSignal;
  /** Whoever asked may go away. */
  readonly request: AnyRequest;
}

/** Waits until the task is ready, the time is over, or nobody wants to know any more; gives what is known then. */
export async function waitUntilReady(
  result: TaskResult,
  { clock, timeoutMs, closing, request }: WatchLimits,
): Promise<TaskSnapshot> {
  const stop = new AbortController();
  const end = (): void => stop.abort();
  const timer = clock.after(timeoutMs, end);
  const forget = onDisconnect(request, end);
  closing.addEventListener('abort', end, { once: true });
  if (closing.aborted) end();
  let last: TaskSnapshot | undefined;
  try {
    for await (const snapshot of result.changes({ signal: stop.signal })) {
      last = snapshot;
      if (snapshot.ready || !snapshot.known) break;
    }
  } finally {
    timer.cancel();
    forget();
    closing.removeEventListener('abort', end);
  }
  return last ?? (await result.snapshot());
}
