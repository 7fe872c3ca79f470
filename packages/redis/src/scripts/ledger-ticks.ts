import { LuaScript } from './lua-script.js';
import { head, repeats, sending } from './parts.js';

/**
 * Records ticks, sends their messages and stores their records, in one step: each tick wholly or not at all.
 *
 * Arguments: token; number of ticks; of each: name, owner and fence of the leader's lease; tick, milliseconds for which it is kept; 1
 * where a record is to be stored, its kind, id and value; number of messages (0 or 1), milliseconds for which sent ids are kept or
 * nothing, number of groups, groups. Answer, for each: `recorded`, `already-recorded`, `stale-leader`, `unroutable`, or the error where
 * a key of its message holds something else.
 */
export const ledgerTicksScript = new LuaScript(
  'ledger-ticks',
  `${head}${repeats}${sending}
local token = take()
local before = done(token)
if before then return before end
local function keepRecord(kind, id, value)
  local values = P .. 'lovage:record-values:' .. kind
  local present = redis.call('HGET', values, id)
  local version = present and tonumber(string.match(present, '^%d+')) or 0
  if not present then redis.call('ZADD', P .. 'lovage:records:' .. kind, 0, id) end
  redis.call('HSET', values, id, string.format('%.0f', version + 1) .. ' ' .. value)
end
local function recordTick()
  local lease, owner, fence = P .. 'lovage:lease:' .. take(), take(), take()
  local tick, keptFor = P .. 'lovage:tick:' .. take(), take()
  local records, kind, id, value = take(), take(), take(), take()
  local messages, sentTtl = takeNumber(), take()
  local groups = at
  misplaced = nil
  checkGroups()
  if redis.call('GET', lease) ~= fence .. ' ' .. owner then return 'stale-leader' end
  if redis.call('EXISTS', tick) == 1 then return 'already-recorded' end
  if misplaced then return misplaced.err end
  at = groups
  local routed = messages == 0
  for _ = 1, takeNumber() do
    if send(sentTtl) == 1 then routed = true end
  end
  if not routed then return 'unroutable' end
  redis.call('SET', tick, '', 'PX', keptFor)
  if records == '1' then keepRecord(kind, id, value) end
  return 'recorded'
end
local outcomes = {}
for number = 1, takeNumber() do outcomes[number] = recordTick() end
return finish(token, outcomes)
`,
);
