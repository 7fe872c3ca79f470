import { type Deadline, sentDocument, STORE_DAMAGED, type StoredResult } from '@lovage/core';
import type { RedisStore } from '../redis-store.js';
import { getScript, pieceBytes, pieceScript } from '../scripts/get.js';
import { stateOf } from '../wire/document-state.js';

/** What is stored for an id; an error where its key holds something else than a result. */
export type Reading = StoredResult | Error | undefined;

/** Most ids of one script call: a long one holds everybody else up. */
const mostIds = 1000;

/**
 * Reads what is stored for each id, in order. An id without a record that is known to have been sent has one that says so. The
 * error of an id (LOVAGE_STORE_DAMAGED) is given in its place.
 */
export async function readResults(
  store: RedisStore,
  taskIds: readonly string[],
  deadline: Deadline,
): Promise<readonly Reading[]> {
  const found: Reading[] = [];
  while (found.length < taskIds.length) {
    const asked = taskIds.slice(found.length, found.length + mostIds);
    const args = [asked.length, ...asked];
    // It may answer fewer where documents are large.
    const answer = (await store.runBuffer(getScript, deadline, args)) as readonly Buffer[];
    for (let at = 0; at + 1 < answer.length; at += 2) {
      found.push(
        await readingOf(
          store,
          asked[at / 2] as string,
          answer[at] as Buffer,
          answer[at + 1] as Buffer,
          deadline,
        ),
      );
    }
  }
  return found;
}

/** @throws the error of the first id that has one */
export function checked(readings: readonly Reading[]): readonly (StoredResult | undefined)[] {
  const error = readings.find((one) => one instanceof Error);
  if (error !== undefined) throw error;
  return readings as readonly (StoredResult | undefined)[];
}

/** @param found see the script */
async function readingOf(
  store: RedisStore,
  taskId: string,
  found: Buffer,
  text: Buffer,
  deadline: Deadline,
): Promise<Reading> {
  const detail = found.toString('utf8', 1);
  switch (found.toString('latin1', 0, 1)) {
    case 'n':
      return undefined;
    case 's':
      return { taskId, state: 'PENDING', document: sentDocument(taskId) };
    case 't':
      return damaged(store, taskId, `a value of the type ${detail}`);
    default: {
      const isLong = found[0] === 'l'.charCodeAt(0);
      const document = isLong ? await inPieces(store, taskId, deadline) : text;
      if (document === undefined) return undefined;
      const state = stateOf(document, detail === '' ? undefined : detail);
      if (state !== undefined) return { taskId, state, document };
      return damaged(store, taskId, `${document.length} bytes without a state`);
    }
  }
}

/**
 * A document that is too long for one answer.
 *
 * @returns `undefined`: it is gone
 */
async function inPieces(store: RedisStore, taskId: string, deadline: Deadline): Promise<Buffer | undefined> {
  for (;;) {
    const pieces: Buffer[] = [];
    const digests = new Set<string>();
    let left = pieceBytes;
    for (let from = 0; left === pieceBytes; from += pieceBytes) {
      const args = [taskId, from];
      const [piece, digest] = (await store.runBuffer(pieceScript, deadline, args)) as readonly [
        Buffer,
        Buffer,
      ];
      pieces.push(piece);
      digests.add(digest.toString());
      left = piece.length;
    }
    if (digests.has('')) return undefined;
    // Else another one has taken its place meanwhile.
    if (digests.size === 1) return Buffer.concat(pieces);
  }
}

const damaged = (store: RedisStore, taskId: string, found: string): Error =>
  STORE_DAMAGED.create({
    address: store.address,
    key: store.keys.result(taskId),
    found,
    expected: 'a result document in JSON, msgpack or YAML',
  });
