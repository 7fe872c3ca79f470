import type { RedisServer } from '@lovage/services';
import type { KeptResult } from '../check/run-record.js';

const resultPrefix = 'celery-task-meta-';
const mostPerCall = 500;

/** Results of these tasks, or of all, as they stand in Redis; those that it does not have are missing. */
export async function redisResults(
  server: RedisServer,
  ids?: readonly string[],
): Promise<readonly KeptResult[]> {
  const keys = ids === undefined ? await server.command('KEYS', `${resultPrefix}*`) : [];
  const wanted = ids ?? (keys as readonly string[]).map((key) => key.slice(resultPrefix.length));
  const results: KeptResult[] = [];
  for (let from = 0; from < wanted.length; from += mostPerCall) {
    const part = wanted.slice(from, from + mostPerCall);
    const documents = await server.command('MGET', ...part.map((id) => resultPrefix + id));
    for (const [at, document] of (documents as readonly (string | null)[]).entries()) {
      if (document !== null) results.push(resultOf(part[at] ?? '', document));
    }
  }
  return results;
}

/** Number of chords that were begun and not closed; see docs/redis.md. */
export const redisOpenChords = async (server: RedisServer): Promise<number> =>
  Number(await server.command('ZCARD', 'lovage:chords'));

function resultOf(id: string, document: string): KeptResult {
  const { status, result } = JSON.parse(document) as { readonly status: string; readonly result: unknown };
  return { id, state: status, token: typeof result === 'string' ? result : '' };
}
