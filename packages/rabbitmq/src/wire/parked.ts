import { createHash } from 'node:crypto';
import { isTooLong } from './short-text.js';

const suffix = '.parked';

/** Where the parked messages of a queue are kept: a durable queue beside it. */
export function parkedQueue(queue: string): string {
  const name = `${queue}${suffix}`;
  if (!isTooLong(name)) return name;
  return `lovage.parked.${createHash('sha256').update(queue).digest('hex')}`;
}
