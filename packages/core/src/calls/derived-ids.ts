import { createHash } from 'node:crypto';

/**
 * Ids in the form of UUIDs that follow from what they are for: whoever makes them again, after a crash or in another process, gets the
 * same ones, so that repeats can be recognised.
 *
 * @param seed such as the id of the task whose end they follow
 */
export function derivedIds(seed: string): () => string {
  let count = 0;
  return () => {
    const hex = createHash('sha1').update(`lovage:${count}:${seed}`).digest('hex');
    count += 1;
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  };
}
