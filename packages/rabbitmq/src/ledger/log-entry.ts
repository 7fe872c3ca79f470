import type { ConsumeMessage } from 'amqplib';
import { objectIn } from '../log/object-in.js';
import { textIn } from '../wire/own-headers.js';
import type { LedgerOperation } from './ledger-operation.js';

/** The stream that all ledgers of a virtual host read. */
export const logName = 'lovage.ledger';

/** Operations of one process, applied one after the other. */
export interface BatchEntry {
  readonly kind: 'batch';
  readonly author: string;
  /** Rises with each batch of an author, from 1. */
  readonly sequence: number;
  /** The author's calendar: milliseconds since 1970 UTC. */
  readonly stampMs: number;
  readonly operations: readonly LedgerOperation[];
}

/** A part of the state as it was after the entry at offset `upTo`. */
export interface SnapshotEntry {
  readonly kind: 'snapshot';
  readonly id: string;
  readonly upTo: number;
  readonly part: number;
  readonly parts: number;
  /** Its piece of the JSON text of a `StateImage`. */
  readonly text: string;
}

/** A copy of the message of a tick: it was put into its queue by the same publish. */
export interface CopyEntry {
  readonly kind: 'copy';
  readonly taskId: string;
}

/** What processes write into the log themselves. */
export type WrittenEntry = BatchEntry | SnapshotEntry;
export type LogEntry = WrittenEntry | CopyEntry;

export const writeEntry = (entry: WrittenEntry): Buffer => Buffer.from(JSON.stringify(entry));

/** `undefined` for what is none: anybody may write into the log. */
export function readEntry(content: Buffer): WrittenEntry | undefined {
  const fields = objectIn(content) ?? {};
  if (fields['kind'] === 'batch') return isBatch(fields) ? (fields as unknown as BatchEntry) : undefined;
  return fields['kind'] === 'snapshot' && isSnapshot(fields)
    ? (fields as unknown as SnapshotEntry)
    : undefined;
}

const isBatch = (fields: Readonly<Record<string, unknown>>): boolean =>
  typeof fields['author'] === 'string' &&
  Number.isSafeInteger(fields['sequence']) &&
  typeof fields['stampMs'] === 'number' &&
  Number.isFinite(fields['stampMs']) &&
  Array.isArray(fields['operations']) &&
  fields['operations'].every(
    (operation: unknown) =>
      typeof operation === 'object' &&
      operation !== null &&
      'op' in operation &&
      typeof operation.op === 'string',
  );

const isSnapshot = (fields: Readonly<Record<string, unknown>>): boolean =>
  typeof fields['id'] === 'string' &&
  typeof fields['text'] === 'string' &&
  ['upTo', 'part', 'parts'].every((name) => Number.isSafeInteger(fields[name]));

/** What was published to a queue, with a copy for the log, still has the name of that queue. */
export function entryOf({ fields, properties, content }: ConsumeMessage): LogEntry | undefined {
  if (fields.routingKey === logName) return readEntry(content);
  const taskId = textIn(properties.correlationId);
  return taskId === undefined ? undefined : { kind: 'copy', taskId };
}

/** The entries of a snapshot. @param partLength characters of each */
export function snapshotEntries(
  id: string,
  upTo: number,
  text: string,
  partLength: number,
): readonly SnapshotEntry[] {
  const parts = Math.max(1, Math.ceil(text.length / partLength));
  return Array.from({ length: parts }, (_, part) => ({
    kind: 'snapshot',
    id,
    upTo,
    part,
    parts,
    text: text.slice(part * partLength, (part + 1) * partLength),
  }));
}
