import { LuaScript } from './lua-script.js';
import { head, repeats, sending } from './parts.js';

/**
 * Takes a parked message out and sends another one in its place, or only takes it out.
 *
 * Arguments: token, queue, record as it is parked, milliseconds for which sent ids are kept or nothing, number of groups (0 or 1), groups.
 * Answer: 1, 0 where it is not parked any more, -1 where the other one found no queue and nothing has changed.
 */
export const unparkScript = new LuaScript(
  'unpark',
  `${head}${repeats}${sending}
local token, queue, record, ttl = take(), take(), take(), take()
local before = done(token)
if before then return before end
local key = P .. 'lovage:parked:' .. queue
if not redis.call('ZSCORE', key, record) then return finish(token, 0) end
local groups = at
checkGroups()
if misplaced then return misplaced end
at = groups
for _ = 1, takeNumber() do
  if send(ttl) == 0 then return finish(token, -1) end
end
redis.call('ZREM', key, record)
return finish(token, 1)
`,
);
