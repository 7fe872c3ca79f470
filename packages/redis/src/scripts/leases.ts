import { LuaScript } from './lua-script.js';
import { deleting } from './deleting.js';
import { head, heldMark } from './parts.js';

/**
 * Gives a new consumer its lease. Arguments: owner, lease in milliseconds, queues as JSON, number of deliveries from which a message is a suspect
 * or nothing, number of queues, queues. Answer: the queues that nobody has declared; where there are any, nothing was done.
 *
 * From where its suspects begin stands in `#from` of the hash in which it will note what it has: so who finds it dead knows.
 */
export const registerScript = new LuaScript(
  'register',
  `${head}
local owner, lease, json, from, missing = take(), takeNumber(), take(), take(), {}
for _ = 1, takeNumber() do
  local queue = take()
  if redis.call('SISMEMBER', P .. 'lovage:queues', queue) == 0 and redis.call('EXISTS', P .. '_kombu.binding.' .. queue) == 0 then
    missing[#missing + 1] = queue
  end
end
if #missing > 0 then return missing end
if from ~= '' then redis.call('HSET', P .. 'lovage:held:' .. owner, '#from', from) end
redis.call('ZADD', P .. 'lovage:leases', now + lease, owner)
redis.call('HSET', P .. 'lovage:consumers', owner, json)
return missing
`,
  { allowOom: true },
);

/**
 * Extends leases. A lease that has run out is not extended, whether or not somebody has noticed. Where asked, the entries of the
 * owners in Celery's index are made young too, so that no Python process restores them.
 *
 * Arguments: lease in milliseconds, whether to make entries young (1 or 0), number of owners, owners. Answer: for each 1, or 0 when it
 * is lost.
 */
export const renewScript = new LuaScript(
  'renew',
  `${head}
local lease, young, answer = takeNumber(), take(), {}
local index = P .. 'unacked_index'
local function makeYoung(held)
  local score = string.format('%.6f', time[1] + time[2] / 1000000)
  local kept = redis.call('HGETALL', held)
  for n = 1, #kept, 2 do
    local before, begun, queue = string.match(kept[n + 1], '${heldMark}')
    if before and tonumber(redis.call('ZSCORE', index, kept[n]) or -1) == tonumber(before) then
      redis.call('ZADD', index, score, kept[n])
      redis.call('HSET', held, kept[n], score .. begun .. ' ' .. queue)
    end
  end
end
for n = 1, takeNumber() do
  local owner = take()
  local ends = redis.call('ZSCORE', P .. 'lovage:leases', owner)
  if ends and tonumber(ends) > now then
    redis.call('ZADD', P .. 'lovage:leases', now + lease, owner)
    if young == '1' then makeYoung(P .. 'lovage:held:' .. owner) end
    answer[n] = 1
  else answer[n] = 0 end
end
return answer
`,
  { allowOom: true },
);

/** Ends a lease. What the consumer had must have been settled before; what was not comes back by the sweep. Argument: owner. */
export const leaveScript = new LuaScript(
  'leave',
  `${head}${deleting}
local owner = take()
local held = P .. 'lovage:held:' .. owner
local left = false
for _, tag in ipairs(redis.call('HKEYS', held)) do if string.sub(tag, 1, 1) ~= '#' then left = true end end
if left then redis.call('ZADD', P .. 'lovage:leases', 'XX', 0, owner)
else
  redis.call('DEL', held)
  redis.call('ZREM', P .. 'lovage:leases', owner)
  endConsumer(owner)
end
return 1
`,
  { allowOom: true },
);
