import { VirtualClock } from '@lovage/core';
import { type Held, Patience } from '../../src/broker/patience.js';

describe('Patience', () => {
  const clock = new VirtualClock();
  const warnings: string[] = [];
  const inHand: Held[] = [];
  const patience = new Patience({
    clock,
    address: 'amqp://h',
    timeoutMs: 10_000,
    oldest: () => inHand[0],
    warn: ({ message }) => warnings.push(message),
  });
  const take = (queue: string): void => {
    inHand.push({ queue, since: clock.monoNow() });
    patience.watch();
  };

  it('tells of a delivery that is in hand for long, and of no other', async () => {
    take('quick');
    await clock.advance(5000);
    take('slow');
    inHand.shift();
    await clock.advance(7999);
    expect(warnings).toEqual([]);
    await clock.advance(1);
    expect(warnings).toEqual([
      expect.stringMatching(/"slow" has been in hand for 80 % of the 10 s.*consumer_timeout/),
    ]);
    inHand.shift();
    await clock.advance(100_000);
    expect(warnings).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('begins anew with the next delivery, and leaves no timer when it ends', async () => {
    take('next');
    await clock.advance(8000);
    expect(warnings).toHaveLength(2);
    patience.close();
    take('late');
    expect(clock.pending).toBe(0);
  });
});
