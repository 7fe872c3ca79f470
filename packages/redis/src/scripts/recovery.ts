import { LuaScript } from './lua-script.js';
import { deleting } from './deleting.js';
import { head, heldMark } from './parts.js';

/**
 * Finds deliveries whose consumer is gone. Arguments: most entries, kombu's visibility timeout in milliseconds, number of Python's to
 * leave out: those that were found before and belong nowhere; whether to look for Python's only (1 or 0). Answer: owner (`''`: a Python consumer), tag, score, queue (`''`: not known),
 * number of deliveries from which it does not count as delivered (`''`: it counts in any case), entry of `unacked`, and so on for each;
 * about 8 MB at most. Python's come when there are none of Lovage's: among them are Lovage's too where nobody was there for so long, and without
 * their owner they would count.
 */
export const abandonedScript = new LuaScript(
  'abandoned',
  `${head}${deleting}
local most, visibility, skipped, only, answer = takeNumber(), takeNumber(), takeNumber(), take(), {}
local unacked, index, bytes = P .. 'unacked', P .. 'unacked_index', 0
local function add(owner, tag, score, queue, from)
  local entry = redis.call('HGET', unacked, tag)
  for _, value in ipairs({ owner, tag, score, queue, from, entry or '' }) do answer[#answer + 1] = value end
  bytes = bytes + #(entry or '')
  most = bytes < 8388608 and most - 1 or 0
end
local owners = only == '1' and {} or redis.call('ZRANGEBYSCORE', P .. 'lovage:leases', '-inf', now, 'LIMIT', 0, 10)
for _, owner in ipairs(owners) do
  if most <= 0 then return answer end
  local held = P .. 'lovage:held:' .. owner
  local found, from = false, redis.pcall('HGET', held, '#from') or ''
  -- What is no hash is none of ours, and tells nothing.
  local fields = redis.pcall('HSCAN', held, 0, 'COUNT', most)[2] or {}
  for n = 1, #fields, 2 do
    local score, begun, queue = string.match(fields[n + 1], '${heldMark}')
    if string.sub(fields[n], 1, 1) ~= '#' then
      if not score then redis.call('HDEL', held, fields[n])
      else
        found = true
        if most > 0 then add(owner, fields[n], score, queue, begun == '' and from or '') end
      end
    end
  end
  local size = redis.pcall('HLEN', held)
  if not found and (type(size) ~= 'number' or size <= 8) then
    if type(size) == 'number' then redis.call('DEL', held) end
    redis.call('ZREM', P .. 'lovage:leases', owner)
    endConsumer(owner)
  end
end
if #answer == 0 and #owners < 10 then
  local overdue = redis.call('ZRANGEBYSCORE', index, '-inf', (now - visibility) / 1000, 'WITHSCORES', 'LIMIT', skipped, most)
  for n = 1, #overdue, 2 do add('', overdue[n], overdue[n + 1], '', '') end
end
return answer
`,
  { allowOom: true },
);

/**
 * Gives deliveries back to their queues, as next ones, each only if nobody else has done so. Arguments: number, then for each owner,
 * tag, score, number of lists, each list and envelope; no list only clears what is left of a delivery that is not there any more.
 * Answer: the number that is dealt with, then lists that hold something else: what belongs there stays where it is.
 */
export const restoreScript = new LuaScript(
  'restore',
  `${head}
local unacked, index, answer = P .. 'unacked', P .. 'unacked_index', { 0 }
local function fit(from, to)
  for n = from, to, 2 do
    local kind = redis.call('TYPE', A[n]).ok
    if kind ~= 'list' and kind ~= 'none' then
      answer[#answer + 1] = A[n]
      answer[#answer + 1] = kind
      return false
    end
  end
  return true
end
for _ = 1, takeNumber() do
  local owner, tag, score, lists = take(), take(), take(), takeNumber()
  local from = at
  at = at + lists * 2
  local held = P .. 'lovage:held:' .. owner
  local present = redis.call('ZSCORE', index, tag)
  local ours = owner == '' or redis.call('HEXISTS', held, tag) == 1
  if fit(from, at - 1) then
    if ours and present and tonumber(present) == tonumber(score) then
      redis.call('ZREM', index, tag)
      redis.call('HDEL', unacked, tag)
      for n = from, at - 1, 2 do redis.call('RPUSH', A[n], A[n + 1]) end
    end
    if owner ~= '' then redis.call('HDEL', held, tag) end
    answer[1] = answer[1] + 1
  end
end
return answer
`,
  { allowOom: true },
);
