import type { WallMs } from '../../src/clock/clock.js';
import { SystemClock } from '../../src/clock/system-clock.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import type { Delivery } from '../../src/ports/consumer.js';
import { BrokerRig } from './broker-rig.js';

describe('delayed messages in memory', () => {
  let clock: VirtualClock;
  let rig: BrokerRig;

  beforeEach(async () => {
    clock = new VirtualClock();
    rig = await BrokerRig.open(clock, 'first', 'second');
  });

  afterEach(async () => {
    await rig.close();
    expect(clock.pending).toBe(0);
  });

  it('finds what is due when the calendar was set forward', async () => {
    const seen: Delivery[] = [];
    await rig.consume({ queues: ['first'], onDeliveries: (deliveries) => seen.push(...deliveries) });
    await rig.publish('first', 1, { notBefore: (clock.wallNow() + 86_400_000) as WallMs });
    await clock.settle();
    clock.stepWall(86_400_000);
    await clock.settle();
    expect(seen).toHaveLength(0);
    await rig.publish('second', 1);
    await clock.settle();
    expect(seen).toHaveLength(1);
  });

  it('finds it within an hour when nothing else happens', async () => {
    const seen: Delivery[] = [];
    await rig.consume({ queues: ['first'], onDeliveries: (deliveries) => seen.push(...deliveries) });
    await rig.publish('first', 1, { notBefore: (clock.wallNow() + 86_400_000) as WallMs });
    clock.stepWall(86_400_000);
    await clock.advance(3_600_000);
    expect(seen).toHaveLength(1);
  });

  it('waits on when the calendar was set back', async () => {
    const seen: Delivery[] = [];
    await rig.consume({ queues: ['first'], onDeliveries: (deliveries) => seen.push(...deliveries) });
    await rig.publish('first', 1, { notBefore: (clock.wallNow() + 1000) as WallMs });
    clock.stepWall(-5000);
    await clock.advance(1000);
    expect(seen).toHaveLength(0);
    await clock.advance(5000);
    expect(seen).toHaveLength(1);
  });
});

it('delivers delayed messages by the clock of the machine too', async () => {
  const clock = new SystemClock();
  const rig = await BrokerRig.open(clock, 'q');
  const notBefore = clock.wallNow() + 30;
  const arrived = await new Promise<number>((resolve) => {
    // reason: a delayed message has no handle on the event loop; the test keeps it alive itself.
    const alive = setInterval(() => undefined, 1000);
    void rig.consume({
      queues: ['q'],
      onDeliveries: () => {
        clearInterval(alive);
        resolve(clock.wallNow());
      },
    });
    void rig.publish('q', 1, { notBefore: notBefore as WallMs });
  });
  expect(arrived).toBeGreaterThanOrEqual(notBefore);
  await rig.close();
});
