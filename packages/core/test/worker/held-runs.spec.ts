import type { Delivery } from '../../src/ports/consumer.js';
import { HeldRuns } from '../../src/worker/held-runs.js';
import { Run } from '../../src/worker/run.js';

const delivery = (): Delivery => ({
  message: { headers: {}, properties: {}, body: '', contentType: '', contentEncoding: '' },
  queue: 'celery',
  exchange: '',
  routingKey: 'celery',
  deliveries: 1,
  redelivered: false,
});

function scene() {
  const wakes: (() => void)[] = [];
  const cancelled: number[] = [];
  let told = 0;
  const held = new HeldRuns(() => {
    told += 1;
  });
  const hold = (run: Run, takesSlot = false): void =>
    held.hold(run, {
      kind: 'held',
      takesSlot,
      wait: (wake) => {
        const place = wakes.push(wake) - 1;
        return () => cancelled.push(place);
      },
    });
  return { held, hold, wakes, cancelled, told: () => told };
}

describe('held runs', () => {
  it('are ready once woken, in the order of waking, and woken once', () => {
    const { held, hold, wakes, told } = scene();
    const [first, second] = [new Run(delivery()), new Run(delivery())];
    hold(first);
    hold(second);
    expect(held.ready).toBe(false);
    wakes[1]?.();
    wakes[0]?.();
    wakes[1]?.();
    expect(told()).toBe(2);
    expect([held.take(), held.take(), held.take()]).toEqual([second, first, undefined]);
    expect(held.length).toBe(0);
  });

  it('have slots kept for them until they are taken, lost or handed back', () => {
    const { held, hold, wakes } = scene();
    const [plain, first, second, lost] = [0, 1, 2, 3].map(() => new Run(delivery())) as [Run, Run, Run, Run];
    hold(plain);
    for (const run of [first, second, lost]) hold(run, true);
    expect(held.slots).toBe(3);
    for (const wake of wakes) wake();
    expect(held.takePromised()).toBe(first);
    held.drop(new Set([lost.delivery]));
    expect(held.slots).toBe(1);
    expect([held.take(), held.take()]).toEqual([plain, second]);
    expect([held.slots, held.takePromised()]).toEqual([0, undefined]);
    hold(new Run(delivery()), true);
    held.takeAll();
    expect(held.slots).toBe(0);
  });

  it('stop waiting when they are lost or handed back', () => {
    const { held, hold, wakes, cancelled, told } = scene();
    const [lost, woken, kept] = [new Run(delivery()), new Run(delivery()), new Run(delivery())];
    for (const run of [lost, woken, kept]) hold(run);
    wakes[1]?.();
    expect(held.drop(new Set([lost.delivery, woken.delivery]))).toEqual([woken, lost]);
    expect(held.length).toBe(1);
    expect(held.takeAll()).toEqual([kept]);
    wakes[0]?.();
    wakes[2]?.();
    expect({ cancelled, told: told(), left: held.length }).toEqual({ cancelled: [0, 2], told: 1, left: 0 });
  });
});
