import { VirtualClock } from '@lovage/core';
import { type Held, Patience } from '../../src/broker/patience.js';

interface Named extends Held {
  readonly name: string;
}

describe('Patience', () => {
  const clock = new VirtualClock();
  const told: string[] = [];
  const inHand: Named[] = [];
  const patience = new Patience<Named>({
    clock,
    timeoutMs: 10_000,
    oldest: () => inHand.find(({ name }) => !told.includes(name)),
    onLong: ({ name }) => told.push(name),
  });
  const take = (name: string): void => {
    inHand.push({ name, since: clock.monoNow() });
    patience.watch();
  };

  it('tells of deliveries that are in hand for long, each once, and of no other', async () => {
    take('quick');
    await clock.advance(5000);
    take('slow');
    await clock.advance(1000);
    take('slow too');
    inHand.shift();
    await clock.advance(6999);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(told).toEqual(['slow']);
    await clock.advance(1000);
    expect(told).toEqual(['slow', 'slow too']);
    await clock.advance(100_000);
    expect(told).toHaveLength(2);
    expect(clock.pending).toBe(0);
  });

  it('begins anew with the next delivery, and leaves no timer when it ends', async () => {
    take('next');
    await clock.advance(8000);
    expect(told).toEqual(['slow', 'slow too', 'next']);
    take('late');
    patience.close();
    expect(clock.pending).toBe(0);
  });
});
