import { type Clock, type Deadline, STORE_UNFIT, STORE_WARNING } from '@lovage/core';
import { judgeServer } from './judge-server.js';
import type { RedisLink } from './redis-link.js';
import type { RedisSettings } from './redis-target.js';
import { readServerFacts } from './server-facts.js';

export interface CheckServerParams {
  readonly link: RedisLink;
  readonly settings: RedisSettings;
  readonly clock: Clock;
  readonly deadline: Deadline;
  /** Told LOVAGE_STORE_WARNING for each risk. */
  readonly warn: (warning: Error) => void;
}

/**
 * Looks at the server before anything is entrusted to it.
 *
 * @throws LOVAGE_STORE_UNFIT when work would be lost, or when it can not be used
 */
export async function checkServer({
  link,
  settings,
  clock,
  deadline,
  warn,
}: CheckServerParams): Promise<void> {
  const { refusals, warnings } = judgeServer(await readServerFacts(link, clock, deadline), settings);
  const { address } = settings.target;
  const [first] = refusals;
  if (first !== undefined) throw STORE_UNFIT.create({ address, ...first });
  for (const finding of warnings) warn(STORE_WARNING.create({ address, ...finding }));
}
