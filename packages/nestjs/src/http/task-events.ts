import type { Clock, TaskResult, TaskSnapshot, Timer } from '@lovage/core';
import type { MessageEvent } from '@nestjs/common';
import { Observable, type Subscriber } from 'rxjs';
import type { TaskView } from './task-view.js';

export interface TaskEventsOptions {
  readonly clock: Clock;
  readonly heartbeatMs: number;
  /** The application is being closed. */
  readonly closing: AbortSignal;
  readonly view: (snapshot: TaskSnapshot) => TaskView;
}

/** Browsers connect again when a stream ends; after the last event of a task there is nothing to come for. */
const noReconnectMs = 86_400_000;

/**
 * The changes of a task as server-sent events: the present state first, then one for each change; it ends after the
 * final one. Comments in between tell proxies and clients that the connection lives. Unsubscribing ends the watch.
 */
export function taskEvents(result: TaskResult, options: TaskEventsOptions): Observable<MessageEvent> {
  return new Observable((subscriber) => {
    const stop = new AbortController();
    const end = (): void => stop.abort();
    const heart = beat(subscriber, options);
    options.closing.addEventListener('abort', end, { once: true });
    if (options.closing.aborted) end();
    follow(result, subscriber, options.view, stop.signal).then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
    return () => {
      heart.cancel();
      options.closing.removeEventListener('abort', end);
      end();
    };
  });
}

async function follow(
  result: TaskResult,
  subscriber: Subscriber<MessageEvent>,
  view: (snapshot: TaskSnapshot) => TaskView,
  signal: AbortSignal,
): Promise<void> {
  for await (const snapshot of result.changes({ signal })) {
    subscriber.next({ data: view(snapshot), ...(snapshot.ready ? { retry: noReconnectMs } : {}) });
  }
}

function beat(subscriber: Subscriber<MessageEvent>, { clock, heartbeatMs }: TaskEventsOptions): Timer {
  let timer: Timer;
  const arm = (): void => {
    timer = clock.after(heartbeatMs, () => {
      subscriber.next({ comment: 'still here' });
      arm();
    });
  };
  arm();
  return { cancel: () => timer.cancel() };
}
