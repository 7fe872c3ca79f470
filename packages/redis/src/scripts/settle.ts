import { LuaScript } from './lua-script.js';
import { head, joining, keeping, repeats, sending } from './parts.js';
import { staying } from './staying.js';

/**
 * Ends deliveries: of each either everything takes effect, or, when it is no longer the consumer's, nothing.
 *
 * A delivery is ours while our hash names the score under which it stands in Celery's index: whoever took it away has changed
 * one of the two.
 *
 * Arguments: token, milliseconds for which sent ids are kept or nothing, milliseconds for which results of the short form are kept or nothing;
 * owner of the consumer with which messages may stay or nothing, most of them (see `staying`); number of owners, of each its name, number of tags and tags; number of settlements, how many of them have the long form, settlements.
 * Each: tag, and one of
 * - the short form of nearly all: rank of its one result (see `keeping`), id, document: acknowledged with a result that shows its state
 * - `long`, number of results and results, of joins and joins, verb with its arguments (`ack`; `back`, `next`: list, envelope; `later`: queue,
 *   time, entry; `park`: queue, record), number of groups and groups, of chords to close and their ids
 * Answer: for each 0 (lost), 1 (settled), or a list: 1 or 0 (a chord is complete; from the verb on nothing was done, and the delivery stays),
 * outcomes of the groups, outcomes of the joins; their number in place of the list where all are 1. Where messages may stay there is one
 * more: the number of revoked tasks.
 */
export const settleScript = new LuaScript(
  'settle',
  `${head}${repeats}${sending}${keeping}${joining}
local token, ttl, resultTtl = take(), take(), take()
local unacked, index = P .. 'unacked', P .. 'unacked_index'
${staying}
-- Not kept with the outcome: who asks again must hear of what was revoked meanwhile.
local function tell(outcomes)
  if host ~= '' and type(outcomes) == 'table' then outcomes[#outcomes + 1] = redis.call('ZCARD', P .. 'lovage:revoked') end
  return outcomes
end
local before = done(token)
if before then return tell(before) end
local gone, goneCount, byOwner, ours = {}, 0, {}, {}
-- Those of one claim have one score.
local numbers, marks = {}, {}
local function numberOf(text)
  numbers[text] = numbers[text] or tonumber(text)
  return numbers[text]
end
local function scoreIn(mark)
  marks[mark] = marks[mark] or numberOf(string.match(mark, '^%d+%.%d+') or '')
  return marks[mark]
end
-- Asked for all at once: two calls for a batch in place of two for each delivery.
for _ = 1, takeNumber() do
  local owner, count = take(), takeNumber()
  local held = P .. 'lovage:held:' .. owner
  for first = at, at + count - 1, 4000 do
    local last = math.min(first + 3999, at + count - 1)
    local kept = redis.call('HMGET', held, unpack(A, first, last))
    local scores = redis.call('ZMSCORE', index, unpack(A, first, last))
    for n = 1, last - first + 1 do
      local mark, score = kept[n], scores[n]
      if mark and score and scoreIn(mark) == numberOf(score) then ours[A[first + n - 1]] = owner end
    end
  end
  at = at + count
end
local short = { S = true, F = true, E = true }
-- Goes over what stands from the verb on, and looks at the keys that it names.
local function skipEnd()
  local verb = take()
  if verb == 'back' or verb == 'next' then
    checkPlace(verb, A[at])
    at = at + 2
  elseif verb == 'park' then
    checkPlace('later', P .. 'lovage:parked:' .. A[at])
    at = at + 2
  elseif verb == 'later' then
    checkPlace('later', P .. 'lovage:delayed:' .. A[at])
    at = at + 3
  end
  checkGroups()
  local closes = takeNumber()
  at = at + closes
end
local function skip()
  local verb = take()
  if short[verb] then
    at = at + 2
    return
  end
  local results = takeNumber()
  at = at + results * 5
  local joins = takeNumber()
  at = at + joins * 6
  skipEnd()
end
local function park(queue, record)
  local key = P .. 'lovage:parked:' .. queue
  redis.call('ZADD', key, now, record)
  redis.call('ZREMRANGEBYRANK', key, 0, -10001)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - 2592000000)
end
local function endIt(tag)
  local owner = ours[tag]
  goneCount = goneCount + 1
  gone[goneCount] = tag
  ours[tag] = nil
  local own = byOwner[owner]
  if not own then
    own = { count = 0 }
    byOwner[owner] = own
  end
  own.count = own.count + 1
  own[own.count] = tag
end
local function settleOne(tag)
  local verb = A[at]
  if short[verb] then
    endIt(tag)
    keepResult(A[at + 1], verb, resultTtl, '', A[at + 2])
    at = at + 3
    return 1
  end
  at = at + 1
  for _ = 1, takeNumber() do keep() end
  local published, joined, complete = {}, {}, false
  for n = 1, takeNumber() do
    joined[n] = join()
    complete = complete or type(joined[n]) == 'table'
  end
  if complete then
    skipEnd()
    return { 0, published, joined }
  end
  endIt(tag)
  verb = take()
  if verb == 'back' then redis.call('LPUSH', take(), take())
  elseif verb == 'next' then redis.call('RPUSH', take(), take())
  elseif verb == 'park' then park(take(), take())
  elseif verb == 'later' then
    local queue = take()
    later(P .. 'lovage:delayed:' .. queue, queue, at, at + 1)
    at = at + 2
  end
  for n = 1, takeNumber() do published[n] = send(ttl) end
  for _ = 1, takeNumber() do closeChord(take()) end
  if #published == 0 and #joined == 0 then return 1 end
  return { 1, published, joined }
end
local outcomes, count, long = {}, takeNumber(), takeNumber()
local settlements = at
-- Those of the short form name no keys that can be wrong.
for _ = 1, long > 0 and count or 0 do
  at = at + 1
  skip()
end
if misplaced then return misplaced end
at = settlements
local bare = true
for number = 1, count do
  local tag = take()
  if ours[tag] then outcomes[number] = settleOne(tag) else outcomes[number] = 0; skip() end
  if outcomes[number] ~= 1 then bare = false end
end
if goneCount > 0 then
  each('ZREM', index, gone, 1, goneCount)
  each('HDEL', unacked, gone, 1, goneCount)
  for owner, tags in pairs(byOwner) do each('HDEL', P .. 'lovage:held:' .. owner, tags, 1, tags.count) end
end
return tell(finish(token, bare and count or outcomes))
`,
  { allowOom: true },
);
