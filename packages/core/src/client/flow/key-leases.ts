import { OPTION_INVALID } from '../../errors/config-errors.js';
import { PUBLISH_FAILED, TASK_NOT_UNIQUE } from '../../errors/client-errors.js';
import type { Lease } from '../../ports/ledger.js';
import type { SendLedger } from './send-ledger.js';

/** What a key is taken for. */
export interface KeyClaim {
  /** Of the lease. */
  readonly name: string;
  readonly taskName: string;
  /** The owner. */
  readonly taskId: string;
  readonly onConflict: 'return-existing' | 'reject' | 'replace';
  readonly ttlMs: number;
  /** A lease with less than this left may belong to a task that was never sent, since its sender has died. */
  readonly unsureMs: number;
  /** Send without, when the ledger can not be asked. */
  readonly failOpen: boolean;
}

interface Taken {
  /** `undefined`: could not be taken, and the task is sent all the same. */
  readonly lease: Lease | undefined;
  /** Task that was there before, and is replaced. */
  readonly replaced: string | undefined;
}

const shortestPollMs = 50;
const longestPollMs = 500;
/** As often is a key taken from its owner that somebody else takes at the same time. */
const mostReplacements = 10;

/**
 * Sends a task only when its key is free. The key is taken for a short time first and, once the broker has the message, for its whole
 * time: when the sender dies in between, the key is free again soon, and who comes meanwhile waits until that is known.
 *
 * @param publish sends the task
 * @param existing gives the result of the task that is there already
 * @param isSent whether the task that was published is the one of this claim, and not another that has the key of something else
 */
export async function sendOnce<Result>(
  ledger: SendLedger,
  claim: KeyClaim,
  publish: () => Promise<Result>,
  existing: (taskId: string) => Result,
  isSent: (result: Result) => boolean = () => true,
): Promise<Result> {
  const taken = await take(ledger, claim);
  if (typeof taken === 'string') return existing(taken);
  const { lease, replaced } = taken;
  let result: Result;
  try {
    result = await publish();
  } catch (error) {
    // It may be in its queue all the same; the worker takes the key again then.
    if (lease !== undefined && !PUBLISH_FAILED.is(error)) await ledger.release(lease);
    throw error;
  }
  // When this fails the key is free too early: better than a task that is not sent.
  if (lease !== undefined && isSent(result)) await ledger.renew({ ...lease, ttlMs: claim.ttlMs });
  else if (lease !== undefined) await ledger.release(lease);
  if (replaced !== undefined) await ledger.revoke(replaced);
  return result;
}

/** @returns the id of the task that has the key and keeps it, or what was taken */
async function take(ledger: SendLedger, claim: KeyClaim): Promise<Taken | string> {
  const { name, taskId, taskName, onConflict, unsureMs } = claim;
  let replaced: string | undefined;
  let pollMs = shortestPollMs;
  for (let replacements = 0; ; ) {
    const outcome = await ledger.acquire({ name, owner: taskId, ttlMs: unsureMs }, claim.failOpen);
    if (outcome === undefined) return { lease: undefined, replaced };
    if (outcome.kind === 'acquired') return { lease: outcome.lease, replaced };
    const { owner, fence, leftMs } = outcome;
    if (leftMs <= unsureMs) {
      await ledger.pause(Math.min(leftMs, pollMs));
      pollMs = Math.min(longestPollMs, pollMs * 2);
    } else if (onConflict === 'return-existing') {
      return owner;
    } else if (onConflict === 'replace' && replacements < mostReplacements) {
      replacements += 1;
      replaced = owner;
      await ledger.release({ name, owner, fence, ttlMs: leftMs });
    } else {
      throw TASK_NOT_UNIQUE.create({ taskName, taskId, key: name, existing: owner });
    }
  }
}

/** @throws LOVAGE_OPTION_INVALID */
export function checkedIdempotencyKey(key: unknown): string {
  if (typeof key === 'string' && key.length > 0 && key.length <= 65_535) return key;
  const expected = 'text of 1 to 65,535 characters';
  throw OPTION_INVALID.create({ problems: [{ option: 'idempotencyKey', expected, got: key }] });
}
