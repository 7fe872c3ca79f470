import { LuaScript } from './lua-script.js';
import { head } from './parts.js';
import { telling } from './telling.js';

/**
 * Records that tasks must not run, and tells it; the longer time holds. Some that are over are deleted on the way.
 *
 * Arguments: milliseconds, channel, what is told, number of ids, ids. Answer: 1.
 */
export const ledgerRevokeScript = new LuaScript(
  'ledger-revoke',
  `${head}${telling}
local ttl, channel, told = takeNumber(), take(), take()
local key = P .. 'lovage:revoked'
local keptUntil = string.format('%.0f', now + ttl)
for _ = 1, takeNumber() do redis.call('ZADD', key, 'GT', keptUntil, take()) end
local over = redis.call('ZRANGEBYSCORE', key, '-inf', now, 'LIMIT', 0, 1000)
each('ZREM', key, over, 1, #over)
tell(channel, told)
return 1
`,
  { allowOom: true },
);
