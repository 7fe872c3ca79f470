import type { BrokerUnderTest } from '../brokers/broker-under-test.js';
import type { Progress } from './run-watch.js';

/** The broker is given up when nothing has moved in it for so long. */
const stillMs = 20_000;

/**
 * Waits until the broker has nothing left but what is parked; goes on without that when nothing moves any more. A broker may count
 * late (quorum queues do so every 5 s), so that it is only believed when all tasks that were taken have ended.
 *
 * @param progress of the tasks, where somebody follows it
 */
export async function untilQuiet(broker: BrokerUnderTest, progress?: () => Progress): Promise<void> {
  let before = '';
  let movedAt = performance.now();
  while (performance.now() - movedAt < stillMs) {
    const counts = await broker.counts();
    const { open, ended } = progress?.() ?? none;
    const isEmpty = counts.ready + counts.delayed + counts.unsettled === 0;
    if (isEmpty && open <= counts.parked) return;
    const now = JSON.stringify([counts, ended]);
    if (now !== before) movedAt = performance.now();
    before = now;
    await new Promise<void>((resolve) => setTimeout(resolve, 200));
  }
}

const none = { open: 0, ended: 0 };
