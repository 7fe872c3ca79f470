import type { Clock, Deadline } from '@lovage/core';
import { isLovageError } from '@lovage/core';
import type { RedisLink } from './redis-link.js';

/** What a server tells about itself. */
export interface ServerFacts {
  /** Fields of INFO. */
  readonly info: ReadonlyMap<string, string>;
  /** Points in time at which it saves to disk, as its option `save` tells; `''`: never; `undefined`: we may not ask. */
  readonly save: string | undefined;
  /** How far its clock and ours are apart for certain: milliseconds. */
  readonly clockDifferenceMs: number;
}

/** @throws LOVAGE_STORE_UNREACHABLE, LOVAGE_STORE_REFUSED where INFO or TIME are not permitted */
export async function readServerFacts(
  link: RedisLink,
  clock: Clock,
  deadline: Deadline,
): Promise<ServerFacts> {
  const text = await link.call('INFO', deadline, async (redis) => await redis.info());
  return {
    info: fieldsOf(text),
    save: await saveOption(link, deadline),
    clockDifferenceMs: await clockDifference(link, clock, deadline),
  };
}

function fieldsOf(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\r\n').filter((line) => line.includes(':'));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}

/** Hosted servers do not let anybody see their options. */
async function saveOption(link: RedisLink, deadline: Deadline): Promise<string | undefined> {
  try {
    const answer = await link.call(
      'CONFIG GET',
      deadline,
      async (redis) => await redis.config('GET', 'save'),
    );
    const [, value] = Array.isArray(answer) ? (answer as readonly unknown[]) : [];
    return typeof value === 'string' ? value : undefined;
  } catch (error) {
    if (isLovageError(error, 'LOVAGE_STORE_REFUSED')) return undefined;
    throw error;
  }
}

/** The answer was made at some time between question and answer; what may be the way there counts for nothing. */
async function clockDifference(link: RedisLink, clock: Clock, deadline: Deadline): Promise<number> {
  let [asked, answered] = [0, 0];
  const [seconds, micros] = await link.call('TIME', deadline, async (redis) => {
    asked = clock.wallNow();
    const answer = await redis.time();
    answered = clock.wallNow();
    return answer;
  });
  const theirs = Number(seconds) * 1000 + Number(micros) / 1000;
  return Math.max(0, asked - theirs, theirs - answered);
}
