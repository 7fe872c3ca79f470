import type { BrokerUnderTest } from '../brokers/broker-under-test.js';

/** The broker is given up when nothing has moved in it for so long. */
const stillMs = 20_000;

/** Waits until the broker has nothing left but what is parked; goes on without that when nothing moves any more. */
export async function untilQuiet(broker: BrokerUnderTest): Promise<void> {
  let before = '';
  let movedAt = performance.now();
  while (performance.now() - movedAt < stillMs) {
    const counts = await broker.counts();
    if (counts.ready + counts.delayed + counts.unsettled === 0) return;
    const now = JSON.stringify(counts);
    if (now !== before) movedAt = performance.now();
    before = now;
    await new Promise<void>((resolve) => setTimeout(resolve, 200));
  }
}
