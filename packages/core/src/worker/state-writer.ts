import { Coalescer } from '../batch/coalescer.js';
import { roughLengthOf } from '../message/written-result.js';
import type { PutOutcome } from '../ports/result-store.js';
import type { StoredResult } from '../ports/stored-result.js';
import type { Stores } from '../stores/stores.js';

/** Stores what tasks say of themselves while they run: STARTED and states of their own. One put for each event-loop turn. */
export class StateWriter {
  private readonly coalescer: Coalescer<StoredResult, PutOutcome>;

  constructor(private readonly stores: Stores) {
    this.coalescer = new Coalescer({
      clock: stores.clock,
      flush: async (results) => await this.put(results),
      bytesOf: (result) => roughLengthOf(result),
    });
  }

  async write(result: StoredResult): Promise<void> {
    await this.coalescer.add(result);
  }

  async drained(): Promise<void> {
    await this.coalescer.drained();
  }

  /** Of several states of one task only the last is stored; all writers are told its outcome. */
  private async put(results: readonly StoredResult[]): Promise<readonly PutOutcome[]> {
    const { results: store } = this.stores;
    if (store === undefined) return results.map(() => ({ kind: 'refused' }));
    const last = new Map(results.map((result) => [result.taskId, result]));
    const outcomes = await store.put({ results: [...last.values()], deadline: this.stores.deadline() });
    const byId = new Map([...last.keys()].map((taskId, index) => [taskId, outcomes[index]]));
    return results.map(({ taskId }) => byId.get(taskId) ?? { kind: 'refused' });
  }
}
