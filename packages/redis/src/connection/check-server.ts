import { type Clock, type Deadline, STORE_UNFIT } from '@lovage/core';
import type { RedisLink } from './redis-link.js';
import type { RedisSettings } from './redis-target.js';

/** Oldest server whose scripts and push messages are enough. */
const oldestMajor = 7;

/**
 * Looks at the server before anything is entrusted to it.
 *
 * @throws LOVAGE_STORE_UNFIT when work would be lost, or when it is too old
 */
export async function checkServer(
  link: RedisLink,
  settings: RedisSettings,
  _clock: Clock,
  deadline: Deadline,
): Promise<void> {
  const info = await link.call('INFO', deadline, async (redis) => await redis.info('server'));
  const version = /redis_version:(\d+)\.([\d.]+)/.exec(info);
  if (Number(version?.[1] ?? 0) >= oldestMajor) return;
  throw STORE_UNFIT.create({
    address: settings.target.address,
    found: `it is version ${version?.[0].slice('redis_version:'.length) ?? 'unknown'}`,
    advice: `Use Redis ${oldestMajor}.0 or later, or Valkey.`,
  });
}
