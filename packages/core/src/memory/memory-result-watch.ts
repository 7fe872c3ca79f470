import type { Deadline } from '../clock/deadline.js';
import type { ResultListener, ResultWatch } from '../ports/result-store.js';
import type { StoredResult } from '../ports/stored-result.js';
import type { PortSession } from './port-session.js';
import type { TableWatch } from './result-table.js';

/** A watch on ids; lives until it or its port is closed. */
export class MemoryResultWatch implements ResultWatch, TableWatch {
  readonly alone: readonly TableWatch[] = [this];
  /** Number of ids. They are not listed here: that would cost every task a second entry beside its record. */
  private watched = 0;
  private closed = false;

  /** @param onClose lets the port forget it */
  constructor(
    private readonly session: PortSession,
    private readonly listener: ResultListener,
    private readonly onClose: (watch: MemoryResultWatch) => void,
  ) {}

  async add(params: {
    readonly taskIds: readonly string[];
    readonly deadline: Deadline;
  }): Promise<readonly (StoredResult | undefined)[]> {
    if (this.closed) throw this.session.closedError('watch');
    const { results } = this.session.use('watch', params.deadline);
    const now = this.session.monoNow();
    return params.taskIds.map((taskId) => {
      const { added, result } = results.watch(taskId, this, now);
      if (added) this.watched += 1;
      return result;
    });
  }

  remove(params: { readonly taskIds: readonly string[] }): void {
    const { store } = this.session;
    if (store === undefined) return;
    for (const taskId of params.taskIds) {
      if (store.results.unwatch(taskId, this)) this.watched -= 1;
    }
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    if (this.watched > 0) this.session.store?.results.unwatchAll(this);
    this.onClose(this);
  }

  tell(result: StoredResult): void {
    if (!this.closed) this.listener(result);
  }
}
