import { LuaScript } from './lua-script.js';
import { head, repeats, sending } from './parts.js';

/**
 * Records a tick and sends its message, in one step: both or nothing.
 *
 * Arguments: token; name, owner and fence of the leader's lease; tick, milliseconds for which it is kept; milliseconds for which
 * sent ids are kept or nothing, number of groups, groups. Answer: `recorded`, `already-recorded`, `stale-leader` or `unroutable`.
 */
export const ledgerTickScript = new LuaScript(
  'ledger-tick',
  `${head}${repeats}${sending}
local token = take()
local before = done(token)
if before then return before end
local lease, owner, fence = P .. 'lovage:lease:' .. take(), take(), take()
local tick, keptFor, sentTtl = P .. 'lovage:tick:' .. take(), take(), take()
if redis.call('GET', lease) ~= fence .. ' ' .. owner then return 'stale-leader' end
if redis.call('EXISTS', tick) == 1 then return 'already-recorded' end
local groups = at
checkGroups()
if misplaced then return misplaced end
at = groups
local routed = false
for _ = 1, takeNumber() do
  if send(sentTtl) == 1 then routed = true end
end
if not routed then return 'unroutable' end
redis.call('SET', tick, '', 'PX', keptFor)
return finish(token, 'recorded')
`,
);
