import { LuaScript } from './lua-script.js';
import { head } from './parts.js';

/** Extends a lease. Arguments: name, owner, fence, milliseconds. Answer: 1, or 0 when it is lost. */
export const ledgerRenewScript = new LuaScript(
  'ledger-renew',
  `${head}
local key, owner, fence, ttl = P .. 'lovage:lease:' .. take(), take(), take(), take()
if redis.call('GET', key) ~= fence .. ' ' .. owner then return 0 end
return redis.call('PEXPIRE', key, ttl)
`,
  { allowOom: true },
);
