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

/** Reads a message of the channel. Anybody can send there, so what is no message is none. Never throws. */
export function readChanges(payload: Buffer): readonly LedgerChange[] {
  let value: unknown;
  try {
    value = JSON.parse(payload.toString());
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
