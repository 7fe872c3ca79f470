import { LuaScript } from './lua-script.js';
import { head } from './parts.js';

/** Frees a name, if the lease is its owner's still. Arguments: name, owner, fence. Answer: 1, or 0 when it is lost. */
export const ledgerReleaseScript = new LuaScript(
  'ledger-release',
  `${head}
local key, owner, fence = P .. 'lovage:lease:' .. take(), take(), take()
if redis.call('GET', key) ~= fence .. ' ' .. owner then return 0 end
return redis.call('DEL', key)
`,
  { allowOom: true },
);
