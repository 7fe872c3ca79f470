import { readSignature } from '../canvas/signature-shape.js';
import type { DecodeOptions } from '../message/decode-task.js';
import { errorFromJson } from '../message/remote-error.js';
import { decodeResult } from '../message/result-document.js';
import { TaskState } from '../message/task-state.js';
import type { Stores } from '../stores/stores.js';
import { resentHeader } from '../task/resent-header.js';
import type { EarlierEnd, Run } from './run.js';

/**
 * Looks up whether the task of a message that is delivered again has ended before. Only SUCCESS and FAILURE say so: IGNORED and
 * states of the task's own may be those of a task that was replaced by another one of the same id. A FAILURE says nothing
 * of a message that was sent again because of it.
 */
export class EarlierEnds {
  constructor(
    private readonly stores: Stores,
    private readonly decoding: DecodeOptions,
    private readonly onProblem: (error: unknown, run: Run) => void,
  ) {}

  async find(run: Run): Promise<EarlierEnd | 'none'> {
    const { results } = this.stores;
    const { message } = run;
    if (results === undefined || message === undefined || message.ignoreResult === true) return 'none';
    try {
      const [stored] = await results.get({ taskIds: [run.taskId], deadline: this.stores.deadline() });
      const isFailure = stored?.state === TaskState.FAILURE && message.headers?.[resentHeader] === undefined;
      if (stored === undefined || !(stored.state === TaskState.SUCCESS || isFailure)) return 'none';
      const { result, traceback, parked, added } = decodeResult(stored.document, this.decoding);
      return isFailure
        ? { state: 'FAILURE', error: errorFromJson(result, traceback), parked }
        : { state: 'SUCCESS', value: result, added: added?.map(readSignature) };
    } catch (error) {
      // When it can not be found out the task runs: it may run twice, it must not be stuck.
      this.onProblem(error, run);
      return 'none';
    }
  }
}
