import type { Clock } from '../clock/clock.js';

/**
 * Calls a listener. It must not throw; one that does is shown as what it is, an uncaught error, and neither the others that are told
 * nor whoever tells them is harmed.
 */
export function callListener(clock: Clock, listener: () => void): void {
  try {
    listener();
  } catch (error) {
    clock.endOfTurn(() => {
      throw error;
    });
  }
}
