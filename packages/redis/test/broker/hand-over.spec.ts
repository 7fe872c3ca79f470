import { SystemClock } from '@lovage/core';
import { HandOver } from '../../src/broker/hand-over.js';

describe('handing batches over', () => {
  it('lets what ended with one batch leave before the next batch is handed over', async () => {
    const clock = new SystemClock();
    const left: (readonly string[])[] = [];
    let ended: string[] = [];
    await new Promise<void>((resolve) => {
      const handOver = new HandOver<string>(clock, {
        onBatch: (batch) => {
          // Tasks end a little later in the same turn, and leave together at its end.
          void Promise.resolve().then(() => {
            if (ended.length === 0) {
              clock.endOfTurn(() => {
                left.push(ended);
                ended = [];
                if (left.flat().length === 5) resolve();
              });
            }
            ended.push(...batch);
          });
        },
        onEmpty: () => undefined,
      });
      handOver.add(['a', 'b']);
      handOver.add(['c']);
      handOver.add(['d', 'e']);
    });
    expect(left).toEqual([['a', 'b'], ['c'], ['d', 'e']]);
  });
});
