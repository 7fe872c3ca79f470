import { LuaScript } from './lua-script.js';
import { head } from './parts.js';

/**
 * Tells which tasks are revoked. Some revocations that are over are deleted on the way, so that claims need not point to an
 * empty table for ever. Arguments: number of ids, ids. Answer: the positions of those that are revoked, from 0.
 */
export const ledgerRevokedScript = new LuaScript(
  'ledger-revoked',
  `${head}
local key, found = P .. 'lovage:revoked', {}
for position = 0, takeNumber() - 1 do
  local keptUntil = redis.call('ZSCORE', key, take())
  if keptUntil and tonumber(keptUntil) > now then found[#found + 1] = position end
end
local over = redis.call('ZRANGEBYSCORE', key, '-inf', now, 'LIMIT', 0, 100)
each('ZREM', key, over, 1, #over)
return found
`,
  { allowOom: true },
);
