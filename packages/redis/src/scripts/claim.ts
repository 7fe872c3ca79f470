import { LuaScript } from './lua-script.js';
import { head } from './parts.js';
import { expanding } from './expanding.js';

/**
 * Gives a consumer messages, and records in the same step that it has them: in Celery's own keys, so that Python can restore
 * them, and in a hash of the consumer's, so that any Lovage process can. Before that, delayed messages that are due join the
 * lists of their queues.
 *
 * Arguments: owner, slot, number, most messages, new tags' stem, whether a queue comes after all that those before it hold (1 or 0), number of
 * queues, queues in the order of preference. The numbers of a
 * slot rise; a call that is repeated with its number after a lost answer finds the same messages, and one that was overtaken on
 * the way finds none: nobody would ever hear of them. A consumer has a claim under way for each slot: its hash has the number of the
 * last one in `#<slot>` and its tags in `#<slot>t`, apart, so that the number is read without them.
 * Answer: `lost` when the owner has no lease (any more), or: milliseconds until the next delayed message is due or nothing, whether any
 * task is revoked, keys that hold something else with what they hold, then lists: a queue and the envelopes that were taken from it; in
 * place of an envelope a list of delivery tag and envelope where it does not begin with its tag.
 */
export const claimScript = new LuaScript(
  'claim',
  `${head}${expanding}
local owner, slot, number, most, stem, inOrder = take(), '#' .. take(), takeNumber(), takeNumber(), take(), take() == '1'
local lease = redis.call('ZSCORE', P .. 'lovage:leases', owner)
if not lease or tonumber(lease) <= now then return 'lost' end
local held, unacked, index = P .. 'lovage:held:' .. owner, P .. 'unacked', P .. 'unacked_index'
local queues = {}
for n = 1, takeNumber() do queues[n] = take() end
local problems = {}
local answer = { '', redis.call('ZCARD', P .. 'lovage:revoked'), problems }
local function problem(key)
  problems[#problems + 1] = key
  problems[#problems + 1] = redis.call('TYPE', key).ok
end
-- Looked at before anything is taken out of a list: a script that fails half-way is not undone.
local function isKind(key, kind)
  local found = redis.call('TYPE', key).ok
  if found == kind or found == 'none' then return true end
  problem(key)
  return false
end
local last = redis.pcall('HGET', held, slot)
if type(last) == 'table' then problem(held) end
isKind(unacked, 'hash')
isKind(index, 'zset')
if #problems > 0 then return answer end
last = tonumber(last) or -1

local function parkRaw(queue, envelope, text)
  local key = P .. 'lovage:parked:' .. queue
  local record = cjson.encode({ code = 'LOVAGE_MESSAGE_INVALID', text = text, at = now, deliveries = 1, envelope = envelope })
  if type(redis.pcall('ZADD', key, now, record)) == 'table' then
    problem(key)
    return false
  end
  redis.call('ZREMRANGEBYRANK', key, 0, -10001)
  return true
end
-- Moves what is due; gives the time of the next one, if any.
local function promote(queue)
  local key = P .. 'lovage:delayed:' .. queue
  local first = redis.pcall('ZRANGE', key, 0, 0, 'WITHSCORES')
  if not first.err and (not first[2] or tonumber(first[2]) > now) then return first[2] end
  -- No more than are about to be taken, and some for others: what is left is moved by the next call.
  local due = redis.pcall('ZRANGEBYSCORE', key, '-inf', now, 'LIMIT', 0, math.max(most, 100))
  if due.err then
    problem(key)
    return nil
  end
  local moved, byList = {}, {}
  for _, entry in ipairs(due) do
    local step, envelope = expand(entry)
    if not step then
      if parkRaw(queue, entry, 'it is no delayed message') then moved[#moved + 1] = entry end
    else
      local list = P .. queue .. (step == '0' and '' or '\\006\\022' .. step)
      byList[list] = byList[list] or { envelopes = {}, entries = {} }
      table.insert(byList[list].envelopes, envelope)
      table.insert(byList[list].entries, entry)
    end
  end
  for list, some in pairs(byList) do
    if type(redis.pcall('LPUSH', list, unpack(some.envelopes))) == 'number' then
      for _, entry in ipairs(some.entries) do moved[#moved + 1] = entry end
    else problem(list) end
  end
  each('ZREM', key, moved, 1, #moved)
  return redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]
end
local nextDue
for _, queue in ipairs(queues) do
  local first = promote(queue)
  if first and (not nextDue or tonumber(first) < nextDue) then nextDue = tonumber(first) end
end
if nextDue then answer[1] = string.format('%.0f', math.max(0, nextDue - now)) end
local given, group, size = 3, {}, 0
local function give(queue, envelope, tag)
  if group[1] ~= queue then
    group, size, given = { queue }, 1, given + 1
    answer[given] = group
  end
  size = size + 1
  group[size] = tag and { tag, envelope } or envelope
end

-- A tag is plain text: in other bytes it would not come back to us as it went, and what begins with # names a slot.
local beginning = '{"properties":{"delivery_tag":"'
local function identify(envelope)
  -- As Lovage writes it: found without reading the rest.
  if string.sub(envelope, 1, 31) == beginning then
    local last = string.find(envelope, '","delivery_info":{"exchange":"', 32, true)
    local tag = last and string.sub(envelope, 32, last - 1)
    if tag and #tag < 100 and string.find(tag, '^[^#"\\\\%c\\127-\\255][^"\\\\%c\\127-\\255]*$') then return tag end
  end
  local ok, message = pcall(cjson.decode, envelope)
  local properties = ok and type(message) == 'table' and message.properties
  local info = type(properties) == 'table' and properties.delivery_info
  if type(info) ~= 'table' or type(properties.delivery_tag) ~= 'string' or type(info.exchange) ~= 'string'
    or type(info.routing_key) ~= 'string' or not string.find(properties.delivery_tag, '^[^#%c\\127-\\255][^%c\\127-\\255]*$') then return nil end
  return properties.delivery_tag, true
end
-- The queue by the default exchange, whatever the message was published to: who restores it needs to know no exchange, and
-- gives it to no other queue that got a copy.
local places = {}
local function placeOf(queue)
  places[queue] = places[queue] or ', "", ' .. cjson.encode(queue) .. ']'
  return places[queue]
end

if last == number then
  local readable, before = pcall(cmsgpack.unpack, redis.call('HGET', held, slot .. 't') or '')
  for _, tag in ipairs(readable and type(before) == 'table' and before or {}) do
    local queue = string.match(redis.call('HGET', held, tag) or '', '^%S+ (.*)$')
    local entry = redis.call('HGET', unacked, tag)
    if queue and entry then give(queue, string.sub(entry, 2, #entry - #placeOf(queue)), tag) end
  end
end
if last >= number then return answer end

local score = string.format('%.6f', time[1] + time[2] / 1000000)
local tags, entries, indexed, owned = {}, {}, {}, {}
local taken, count, marks = {}, 0, {}
-- Gives whether it is out of its queue.
local function claim(queue, envelope, tag, apart)
  if not tag then
    return parkRaw(queue, envelope, 'it is no envelope with properties.delivery_tag (plain text) and properties.delivery_info')
  end
  if taken[tag] then
    -- Restored by Python while its first consumer still has it: both would delete the entry of the other.
    local first, last = string.find(envelope, '"' .. tag .. '"', 1, true)
    if not first then return parkRaw(queue, envelope, 'its delivery tag is in use') end
    tag, apart = stem .. '-' .. count, true
    envelope = string.sub(envelope, 1, first) .. tag .. string.sub(envelope, last)
  end
  taken[tag] = true
  count = count + 1
  marks[queue] = marks[queue] or score .. ' ' .. queue
  -- Counted by hand: asking a table for its length costs more than filling it.
  tags[count] = tag
  entries[count * 2 - 1], entries[count * 2] = tag, '[' .. envelope .. placeOf(queue)
  indexed[count * 2 - 1], indexed[count * 2] = score, tag
  owned[count * 2 - 1], owned[count * 2] = tag, marks[queue]
  give(queue, envelope, apart and tag)
  return true
end
local lists, queueOf = {}, {}
local steps = { '', '\\006\\0223', '\\006\\0226', '\\006\\0229' }
for _, outer in ipairs(inOrder and queues or steps) do
  for _, inner in ipairs(inOrder and steps or queues) do
    local queue = inOrder and outer or inner
    local list = P .. queue .. (inOrder and inner or outer)
    lists[#lists + 1], queueOf[list] = list, queue
  end
end
local bytes = 0
-- Takes what was popped from a list; gives whether all of it is out of there.
local function takeAll(list, popped)
  local found, apart, kept = {}, {}, {}
  for n, envelope in ipairs(popped) do
    bytes = bytes + #envelope
    local tag, slow = identify(envelope)
    found[n], apart[n] = tag or '', slow
  end
  for n, entry in ipairs(redis.call('HMGET', unacked, unpack(found))) do
    if entry then taken[found[n]] = true end
  end
  for n, envelope in ipairs(popped) do
    if not claim(queueOf[list], envelope, found[n] ~= '' and found[n], apart[n]) then kept[#kept + 1] = envelope end
  end
  -- The last to come out goes back first.
  for n = #kept, 1, -1 do redis.call('RPUSH', list, kept[n]) end
  return #kept == 0
end
-- Serves lists in their order until nothing is left in them, or enough was taken. The server itself looks for the first that
-- holds something: one call in place of one for each list.
local function serve(some)
  local from, size = 1, #some
  some[size + 1], some[size + 2] = 'RIGHT', 'COUNT'
  while most > 0 and bytes < 8388608 and from <= size do
    local part = math.min(most, 100)
    some[size + 3] = part
    local popped = redis.pcall('LMPOP', size - from + 1, unpack(some, from, size + 3))
    if not popped then return end
    if popped.err then
      local sound = {}
      for n = from, size do if isKind(some[n], 'list') then sound[#sound + 1] = some[n] end end
      -- None of them is to blame: whoever asks must hear of it, unless something would be lost by that.
      if #sound > size - from and count == 0 then error(popped.err) end
      return #sound <= size - from and serve(sound)
    end
    while some[from] ~= popped[1] do from = from + 1 end
    most = most - #popped[2]
    if not takeAll(popped[1], popped[2]) or #popped[2] < part then from = from + 1 end
  end
end
for first = 1, #lists, 64 do serve({ unpack(lists, first, math.min(#lists, first + 63)) }) end
if count > 0 then
  each('HSET', unacked, entries, 1, count * 2)
  -- A small sorted set is a list in which every insertion compares scores as text, and this one is small again and again. A
  -- long member makes it the other kind for as long as it lives; nobody sees it.
  local long = count > 8 and string.rep('x', 65)
  if long then redis.call('ZADD', index, 0, long) end
  each('ZADD', index, indexed, 1, count * 2)
  if long then redis.call('ZREM', index, long) end
end
owned[count * 2 + 1], owned[count * 2 + 2], owned[count * 2 + 3], owned[count * 2 + 4] = slot, number, slot .. 't', cmsgpack.pack(tags)
each('HSET', held, owned, 1, count * 2 + 4)
return answer
`,
  { allowOom: true },
);
