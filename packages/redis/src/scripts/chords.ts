import { LuaScript } from './lua-script.js';
import { head, joining } from './parts.js';

/**
 * Begins a chord. Arguments: group, owner, size, milliseconds to live or nothing, document of the group or nothing, record. Answer: 1, or 0
 * where another chord has this id.
 *
 * `lovage:chords` has the chords that were begun and not closed, by the time of their beginning.
 */
export const openChordScript = new LuaScript(
  'open-chord',
  `${head}
local group, owner, size, ttl, structure, record = take(), take(), take(), take(), take(), take()
local base, seen = P .. 'celery-taskset-meta-' .. group, P .. 'lovage:joined:' .. group
local before = redis.call('HGET', seen, 'owner')
if before then return before == owner and 1 or 0 end
if redis.call('EXISTS', base .. '.s') == 1 or redis.call('HEXISTS', seen, 'complete') == 1 then return 0 end
redis.call('HSET', seen, 'owner', owner, 'record', record)
local expiry = ttl == '' and {} or { 'PX', ttl }
redis.call('SET', base .. '.s', size, unpack(expiry))
if structure ~= '' then redis.call('SET', base, structure, unpack(expiry)) end
if ttl ~= '' then redis.call('PEXPIRE', seen, ttl) end
redis.call('ZADD', P .. 'lovage:chords', now, group)
return 1
`,
);

/** Arguments: group. */
export const closeChordScript = new LuaScript(
  'close-chord',
  `${head}${joining}
closeChord(take())
return 1
`,
);

/**
 * Arguments: time in milliseconds, most. Answer: of each chord that was begun before it: group, time, record. Those that have expired, or that
 * a Python worker has completed, are left out and forgotten.
 */
export const openChordsScript = new LuaScript(
  'open-chords',
  `${head}
local key, before, most = P .. 'lovage:chords', '(' .. take(), takeNumber()
local answer, from = {}, 0
while #answer < most * 3 do
  local page = redis.call('ZRANGE', key, '-inf', before, 'BYSCORE', 'LIMIT', from, 100, 'WITHSCORES')
  if #page == 0 then break end
  for n = 1, #page, 2 do
    local group = page[n]
    local base, seen = P .. 'celery-taskset-meta-' .. group, P .. 'lovage:joined:' .. group
    local record = redis.call('HGET', seen, 'record')
    local alive = redis.call('EXISTS', base .. '.s') == 1 or redis.call('HEXISTS', seen, 'documents') == 1
    if not record or not alive then
      redis.call('ZREM', key, group)
    else
      from = from + 1
      if #answer < most * 3 then
        answer[#answer + 1] = group
        answer[#answer + 1] = page[n + 1]
        answer[#answer + 1] = record
      end
    end
  end
end
return answer
`,
);
