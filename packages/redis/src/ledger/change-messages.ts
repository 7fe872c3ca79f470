import type { LedgerChange, Revocation } from '@lovage/core';
import type { RedisStore } from '../redis-store.js';

/** Channels know no databases, so their number stands in the name. */
export const changesChannel = ({ keys, settings }: RedisStore): string =>
  `${keys.changes}:${settings.target.options.db ?? 0}`;

/** Tells revocations, many in one message: `{"revoked":[[task id, 1 or 0], …]}`. */
export const revocationsMessage = (revocations: readonly Revocation[]): string =>
  JSON.stringify({ revoked: revocations.map(({ taskId, terminate }) => [taskId, terminate ? 1 : 0]) });

/** Tells that a record was stored or deleted: `{"record":[kind, id]}`. */
export const recordMessage = (kind: string, id: string): string => JSON.stringify({ record: [kind, id] });

/** A message of the channel: the id under which it is kept, and what it tells. Gives nothing for what is no message. */
export function splitMessage(text: string): readonly [id: ChangeId, told: string] | undefined {
  const parsed = /^(\d{1,15}-\d{1,15}) /.exec(text);
  return parsed === null ? undefined : [parsed[1] as ChangeId, text.slice(parsed[0].length)];
}

/** Of Redis's streams: milliseconds and a number. */
export type ChangeId = `${number}-${number}`;

/** Whether the first of two ids is the later one. */
export function isLater(one: ChangeId, other: ChangeId): boolean {
  const [[ms = 0, number = 0], [otherMs = 0, otherNumber = 0]] = [numbersOf(one), numbersOf(other)];
  return ms === otherMs ? number > otherNumber : ms > otherMs;
}

const numbersOf = (id: ChangeId): readonly number[] => id.split('-').map(Number);

/** Reads what a message tells. Anybody can send there, so what is no change is none. Never throws. */
export function readChanges(told: string): readonly LedgerChange[] {
  let value: unknown;
  try {
    value = JSON.parse(told);
  } catch {
    return [];
  }
  if (typeof value !== 'object' || value === null) return [];
  const { revoked, record } = value as Readonly<Record<string, unknown>>;
  const revocations = listOf(revoked);
  if (revocations.length > 0) return revocations.flatMap(revokedChange);
  const [recordKind, id] = listOf(record);
  return typeof recordKind === 'string' && typeof id === 'string' ? [{ kind: 'record', recordKind, id }] : [];
}

function revokedChange(entry: unknown): readonly LedgerChange[] {
  const [taskId, terminate] = listOf(entry);
  return typeof taskId === 'string'
    ? [{ kind: 'revoked', revocation: { taskId, terminate: terminate === 1 } }]
    : [];
}

const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? (value as readonly unknown[]) : [];
