import { ResultHub } from '../../src/client/result-hub.js';
import { Deadline } from '../../src/clock/deadline.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { STORE_DAMAGED } from '../../src/errors/store-errors.js';
import type { StoredResult } from '../../src/ports/stored-result.js';
import type { Stores } from '../../src/stores/stores.js';

describe('the one watch of a client', () => {
  it('fails none but those who follow a damaged key, though all were asked for at once', async () => {
    const clock = new VirtualClock();
    const add = async ({ taskIds }: { readonly taskIds: readonly string[] }): Promise<StoredResult[]> => {
      if (taskIds.includes('damaged')) {
        throw STORE_DAMAGED.create({ address: 'a', key: 'damaged', found: 'a list', expected: 'a text' });
      }
      return taskIds.map((taskId) => ({ taskId, state: 'SUCCESS', document: '' }));
    };
    const stores = {
      clock,
      opened: true,
      deadline: () => Deadline.in(clock, 1000),
      results: { watch: () => ({ add, remove: () => undefined, close: () => undefined }) },
    };
    const hub = new ResultHub(stores as unknown as Stores);
    const told: string[] = [];
    for (const taskId of ['a', 'damaged', 'b']) {
      hub.follow({
        taskId,
        onRecord: (stored) => told.push(`${taskId} ${stored?.state}`),
        onError: (error) => told.push(`${taskId} ${(error as { readonly code: string }).code}`),
      });
    }
    await clock.settle();
    expect(told.toSorted()).toStrictEqual(['a SUCCESS', 'b SUCCESS', 'damaged LOVAGE_STORE_DAMAGED']);
    hub.stop();
  });
});
