import { leafIds, nodeOf, type ResultNode } from '../../canvas/result-node.js';
import { readSignature } from '../../canvas/signature-shape.js';
import { CHORD_FAILED, SIGNATURE_INVALID } from '../../errors/canvas-errors.js';
import { CAPABILITY_MISSING } from '../../errors/config-errors.js';
import type { DecodeOptions } from '../../message/decode-task.js';
import { isOver } from '../../message/is-over.js';
import { decodeResult } from '../../message/result-document.js';
import { resultTuples } from '../../message/result-tuples.js';
import type { SignatureJson } from '../../message/signature-json.js';
import { TaskState } from '../../message/task-state.js';
import type { StoredResult } from '../../ports/stored-result.js';
import type { Stores } from '../../stores/stores.js';
import type { TaskContext } from '../../task/task-context.js';
import { reprOfError } from '../follow-ups/error-repr.js';

export const chordUnlockName = 'celery.chord_unlock';

/** Celery's `result_chord_retry_interval`. */
const defaultIntervalSeconds = 1;

/** What the task is about: its arguments, by position or by name. */
export interface UnlockCall {
  readonly groupId: string;
  readonly body: SignatureJson;
}

interface Arguments {
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
}

/** @throws LOVAGE_SIGNATURE_INVALID */
export function unlockCallOf({ args, kwargs }: Arguments): UnlockCall {
  const [groupId = kwargs['group_id'], callback = kwargs['callback']] = args;
  if (typeof groupId !== 'string')
    throw SIGNATURE_INVALID.create({ problem: `"${chordUnlockName}" has no id of a group` });
  return { groupId, body: readSignature(callback) };
}

/**
 * Celery's chord without a counter, as its clients send it where their result backend can not join: looks again and again
 * whether all parts have ended, then gives their values, which the body gets (see `followUnlock`).
 *
 * @throws LOVAGE_CHORD_FAILED when a part has failed
 */
export async function chordUnlock(
  context: TaskContext,
  stores: Stores,
  decoding: DecodeOptions,
): Promise<unknown> {
  const { kwargs } = context;
  unlockCallOf(context);
  const header = resultTuples(kwargs['result']).map(nodeOf);
  const ids = [...new Set(header.flatMap(leafIds))];
  const stored = await read(ids, stores);
  if (stored.some((one) => one === undefined || !isOver(one.state))) {
    const { interval, max_retries: most } = kwargs;
    throw context.retry({
      countdown: typeof interval === 'number' ? interval : defaultIntervalSeconds,
      maxRetries: typeof most === 'number' ? most : null,
    });
  }
  const values = new Map<string, unknown>();
  for (const [at, taskId] of ids.entries()) {
    const { state, result } = decodeResult((stored[at] as StoredResult).document, decoding);
    if (state !== TaskState.SUCCESS) {
      const reason = state === TaskState.IGNORED ? 'Ignore()' : reprOfError(result);
      throw CHORD_FAILED.create({ taskId, reason });
    }
    values.set(taskId, result);
  }
  const valueOf = (node: ResultNode): unknown =>
    node.kind === 'task' ? values.get(node.id) : node.members.map(valueOf);
  return header.map(valueOf);
}

async function read(ids: readonly string[], stores: Stores): Promise<readonly (StoredResult | undefined)[]> {
  if (!stores.opened) await stores.open();
  const { results, broker } = stores;
  if (results !== undefined) return await results.get({ taskIds: ids, deadline: stores.deadline() });
  throw CAPABILITY_MISSING.create({
    driver: broker.address,
    capability: 'join',
    instead: 'A chord needs a result store: give "results".',
  });
}
