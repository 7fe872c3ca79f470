import { mostAttempts } from '../message/attempt-record.js';
import type { AttemptRecord } from '../message/result-record.js';

/** One run of a task that was retried: when it ran, where, and why it failed. */
export type Attempt = AttemptRecord;

/** Header of a message that is sent for another attempt. */
export const attemptsHeader = 'lovage_attempts';

/** Those before, and one more; the first and the last are kept. */
export function withAttempt(before: readonly Attempt[], attempt: Attempt): readonly Attempt[] {
  const [first] = before;
  if (first === undefined || before.length < mostAttempts) return [...before, attempt];
  return [first, ...before.slice(2 - mostAttempts), attempt];
}
