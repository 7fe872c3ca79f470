import { LuaScript } from './lua-script.js';
import { head, joining, keeping, repeats, sending } from './parts.js';

/**
 * Ends deliveries: of each either everything takes effect, or, when it is no longer the consumer's, nothing.
 *
 * A delivery is ours while our hash names the score under which it stands in Celery's index: whoever took it away has changed
 * one of the two.
 *
 * Arguments: token, milliseconds for which sent ids are kept or nothing, number of settlements, settlements. Each: owner, tag,
 * verb with its arguments (`ack`; `back`, `next`: list, envelope; `later`: queue, time, entry; `park`: queue, record), number of
 * results and results, of groups and groups, of joins and joins.
 * Answer: for each 0 (lost), 1 (settled), or a list: outcomes of the groups, outcomes of the joins.
 */
export const settleScript = new LuaScript(
  'settle',
  `${head}${repeats}${sending}${keeping}${joining}
local token, ttl = take(), take()
local before = done(token)
if before then return before end
local unacked, index = P .. 'unacked', P .. 'unacked_index'
local gone, byOwner = {}, {}
local function isOurs(owner, tag)
  if gone[tag] then return false end
  local kept = redis.call('HGET', P .. 'lovage:held:' .. owner, tag)
  if not kept then return false end
  local score = redis.call('ZSCORE', index, tag)
  return score and tonumber(score) == tonumber(string.match(kept, '^%S+'))
end
local function skip()
  local verb = take()
  if verb == 'back' or verb == 'next' or verb == 'park' then at = at + 2 elseif verb == 'later' then at = at + 3 end
  local results = takeNumber()
  at = at + results * 5
  for _ = 1, takeNumber() do
    local kind = A[at]
    at = at + 4
    local messages = takeNumber()
    at = at + messages * (kind == 'later' and 2 or 1)
    local ids = takeNumber()
    at = at + ids
  end
  local joins = takeNumber()
  at = at + joins * 6
end
local function park(queue, record)
  local key = P .. 'lovage:parked:' .. queue
  redis.call('ZADD', key, now, record)
  redis.call('ZREMRANGEBYRANK', key, 0, -10001)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - 2592000000)
end
local function settleOne(owner, tag)
  gone[#gone + 1] = tag
  gone[tag] = true
  byOwner[owner] = byOwner[owner] or {}
  table.insert(byOwner[owner], tag)
  local verb = take()
  if verb == 'back' then redis.call('LPUSH', take(), take())
  elseif verb == 'next' then redis.call('RPUSH', take(), take())
  elseif verb == 'park' then park(take(), take())
  elseif verb == 'later' then
    local queue = take()
    later(P .. 'lovage:delayed:' .. queue, queue, at, at + 1)
    at = at + 2
  end
  for _ = 1, takeNumber() do keep() end
  local published, joined = {}, {}
  for n = 1, takeNumber() do published[n] = send(ttl) end
  for n = 1, takeNumber() do joined[n] = join() end
  if #published == 0 and #joined == 0 then return 1 end
  return { published, joined }
end
local outcomes = {}
for number = 1, takeNumber() do
  local owner, tag = take(), take()
  if isOurs(owner, tag) then outcomes[number] = settleOne(owner, tag) else outcomes[number] = 0; skip() end
end
if #gone > 0 then
  each('ZREM', index, gone, 1, #gone)
  each('HDEL', unacked, gone, 1, #gone)
  for owner, tags in pairs(byOwner) do each('HDEL', P .. 'lovage:held:' .. owner, tags, 1, #tags) end
end
return finish(token, outcomes)
`,
  { allowOom: true },
);
