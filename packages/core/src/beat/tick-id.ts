import { hash } from 'node:crypto';

/** Names the ids of ticks among all UUIDs that are made of names. */
const namespace = Buffer.from('7d1ff65d5b5f4c6f9f0a3e7c2c1b8a41', 'hex');

/** The id of the task of a tick: the same on every beat, a UUID of version 5. */
export function tickId(beat: string, schedule: string, dueMs: number): string {
  const bytes = digest(beat, schedule, dueMs).subarray(0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** How much later than its time a tick is sent: the same on every beat, from 0 up to `jitterMs`. */
export function jitterOf(beat: string, schedule: string, dueMs: number, jitterMs: number): number {
  if (jitterMs === 0) return 0;
  return Math.floor((digest(beat, schedule, dueMs).readUInt32BE(16) / 2 ** 32) * jitterMs);
}

function digest(beat: string, schedule: string, dueMs: number): Buffer {
  const name = Buffer.from(`${beat}\0${schedule}\0${dueMs}`);
  return hash('sha1', Buffer.concat([namespace, name]), 'buffer');
}
