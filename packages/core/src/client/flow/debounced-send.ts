import { OPTION_INVALID } from '../../errors/config-errors.js';
import { type LastCall, lastCallText, readLastCall, supersedes } from '../../task/flow/last-call.js';
import type { TaskCall } from '../task-call.js';
import type { SendLedger } from './send-ledger.js';

export interface DebouncedCall {
  /** Of the lease that says which call is the last. */
  readonly name: string;
  readonly taskId: string;
  readonly waitMs: number;
  readonly maxWaitMs: number | undefined;
  /** Milliseconds since 1970 UTC. */
  readonly nowMs: number;
}

/** What was called before may still wait in its queue so long after its time; it must find out that it is not the last. */
const rememberedMs = 3_600_000;
const mostAttempts = 5;

/**
 * Sends a call for the end of its window and then makes it known as the last, in this order: a sender that dies in between leaves two that
 * run, not one that is taken for superseded by a call that was never sent.
 *
 * @param publish sends the task for that time
 */
export async function sendDebounced<Result>(
  ledger: SendLedger,
  { name, taskId, waitMs, maxWaitMs, nowMs }: DebouncedCall,
  publish: (eta: Date) => Promise<Result>,
): Promise<Result> {
  const fresh: LastCall = { atMs: nowMs + Math.ceil(waitMs), firstMs: nowMs, taskId };
  const ttlMs = Math.ceil(waitMs) + rememberedMs;
  // Two that run are better than none, so it is sent whether the ledger answers or not.
  const found = await ledger.acquire({ name, owner: lastCallText(fresh), ttlMs }, true);
  if (found?.kind !== 'held') return await publish(new Date(fresh.atMs));
  const last = readLastCall(found.owner);
  const mine = last !== undefined && last.atMs > nowMs ? following(last, fresh, maxWaitMs) : fresh;
  const result = await publish(new Date(mine.atMs));
  await becomeLast(ledger, name, mine, ttlMs);
  return result;
}

/** Later than the one before, so that their order is certain. */
function following(
  last: LastCall,
  { atMs, taskId }: LastCall,
  maxWaitMs = Number.POSITIVE_INFINITY,
): LastCall {
  const { firstMs } = last;
  return { atMs: Math.max(last.atMs + 1, Math.min(atMs, Math.ceil(firstMs + maxWaitMs))), firstMs, taskId };
}

async function becomeLast(ledger: SendLedger, name: string, mine: LastCall, ttlMs: number): Promise<void> {
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    const found = await ledger.acquire({ name, owner: lastCallText(mine), ttlMs }, true);
    if (found?.kind !== 'held') return;
    const other = readLastCall(found.owner);
    if (other !== undefined && supersedes(other, mine)) return;
    await ledger.release({ name, owner: found.owner, fence: found.fence, ttlMs: found.leftMs });
  }
}

/** @throws LOVAGE_OPTION_INVALID for a time of the call's own */
export function refuseOwnTime(call: TaskCall): void {
  const option = call.eta === undefined ? 'countdown' : 'eta';
  const got = call.eta ?? call.countdown;
  if (got === undefined) return;
  const expected = 'absent, since the task is debounced: that decides when it runs';
  throw OPTION_INVALID.create({ problems: [{ option, expected, got }] });
}
