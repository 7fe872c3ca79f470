import type { LovageEvent } from './task-event.js';

export type EventListener = (event: LovageEvent) => void;

/** Tells events to listeners in this process. A listener that throws harms neither the task nor the other listeners. */
export class EventHub {
  private listeners: readonly EventListener[] = [];

  /** Whether anybody listens; makers of events ask first, so that unheard events cost nothing. */
  get heard(): boolean {
    return this.listeners.length > 0;
  }

  /** @returns the function that ends the listening */
  listen(listener: EventListener): () => void {
    this.listeners = [...this.listeners, listener];
    return () => {
      this.listeners = this.listeners.filter((other) => other !== listener);
    };
  }

  tell(event: LovageEvent): void {
    for (const listener of this.listeners) {
      try {
        listener(event);
      } catch {
        // Nothing that a listener does may change the outcome of a task.
      }
    }
  }
}
