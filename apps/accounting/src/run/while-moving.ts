import type { Clock } from '@lovage/core';

const everyMs = 1000;

/**
 * Waits for `work` as long as anything moves, however long that takes: behind much other work it may be slow without being lost.
 *
 * @param work must not reject
 * @param moved changes whenever something has been done
 * @param stillMs the work is given up when nothing has moved for so long
 * @returns whether the work has come to its end
 */
export async function whileMoving(
  work: Promise<unknown>,
  moved: () => number,
  stillMs: number,
  clock: Clock,
): Promise<boolean> {
  return await new Promise<boolean>((resolve) => {
    let before = moved();
    let movedAt = clock.monoNow();
    const look = (): void => {
      const now = moved();
      if (now !== before) movedAt = clock.monoNow();
      before = now;
      if (clock.monoNow() - movedAt >= stillMs) resolve(false);
      else timer = clock.after(everyMs, look);
    };
    let timer = clock.after(everyMs, look);
    void work.then(() => {
      timer.cancel();
      resolve(true);
    });
  });
}
