import type { Hold } from '../hold.js';

/** Holds a run until a store has answered. Nobody is woken when the run has been called off meanwhile; the answer is kept all the same. */
export const heldFor = <T>(ask: () => Promise<T>, keep: (answer: T) => void): Hold => ({
  kind: 'held',
  brief: true,
  wait: (wake) => {
    let isOver = false;
    void ask().then((answer) => {
      keep(answer);
      if (!isOver) wake();
    });
    return () => {
      isOver = true;
    };
  },
});
