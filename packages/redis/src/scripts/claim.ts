import { LuaScript } from './lua-script.js';
import { head } from './parts.js';
import { expanding } from './expanding.js';

/**
 * Gives a consumer messages, and records in the same step that it has them: in Celery's own keys, so that Python can restore
 * them, and in a hash of the consumer's, so that any Lovage process can. Before that, delayed messages that are due join the
 * lists of their queues.
 *
 * Arguments: owner, slot, token, most messages, new tags' stem, number of queues, queues in the order of preference. A call that is
 * repeated with its token after a lost answer finds the same messages; a consumer has a claim under way for each slot.
 * Answer: `lost` when the owner has no lease (any more), or: time of the next delayed message or nothing, whether any task is
 * revoked, keys that hold something else, then queue and envelope of each message.
 */
export const claimScript = new LuaScript(
  'claim',
  `${head}${expanding}
local owner, slot, token, most, stem = take(), '#' .. take(), take(), takeNumber(), take()
local lease = redis.call('ZSCORE', P .. 'lovage:leases', owner)
if not lease or tonumber(lease) <= now then return 'lost' end
local held, unacked = P .. 'lovage:held:' .. owner, P .. 'unacked'
local queues = {}
for n = 1, takeNumber() do queues[n] = take() end

local function promote(queue)
  local key = P .. 'lovage:delayed:' .. queue
  local due = redis.call('ZRANGEBYSCORE', key, '-inf', now, 'LIMIT', 0, 500)
  if #due == 0 then return end
  for _, entry in ipairs(due) do
    local step, envelope = expand(entry)
    redis.call('LPUSH', P .. queue .. (step == '0' and '' or '\\006\\022' .. step), envelope)
  end
  each('ZREM', key, due, 1, #due)
end
local nextDue
for _, queue in ipairs(queues) do
  promote(queue)
  local first = redis.call('ZRANGE', P .. 'lovage:delayed:' .. queue, 0, 0, 'WITHSCORES')[2]
  if first and (not nextDue or tonumber(first) < nextDue) then nextDue = tonumber(first) end
end

local answer, problems = { nextDue and string.format('%.0f', nextDue) or '', redis.call('ZCARD', P .. 'lovage:revoked'), {} }, {}
answer[3] = problems
local function give(queue, envelope)
  answer[#answer + 1] = queue
  answer[#answer + 1] = envelope
end

local function identify(envelope)
  local tag, exchange, key = string.match(envelope,
    '^{"properties":{"delivery_tag":"([^"\\\\]+)","delivery_info":{"exchange":"([^"\\\\]*)","routing_key":"([^"\\\\]*)"')
  if tag then return tag, '"' .. exchange .. '", "' .. key .. '"' end
  local ok, message = pcall(cjson.decode, envelope)
  local properties = ok and type(message) == 'table' and message.properties
  local info = type(properties) == 'table' and properties.delivery_info
  if type(info) ~= 'table' or type(properties.delivery_tag) ~= 'string' or type(info.exchange) ~= 'string'
    or type(info.routing_key) ~= 'string' then return nil end
  return properties.delivery_tag, cjson.encode(info.exchange) .. ', ' .. cjson.encode(info.routing_key)
end
local function envelopeOf(entry)
  local _, place = identify(string.sub(entry, 2))
  if not place then _, place = identify(cjson.encode(cjson.decode(entry)[1])) end
  return string.sub(entry, 2, #entry - #place - 3)
end

local kept = redis.call('HGET', held, slot)
if kept then
  local before = cmsgpack.unpack(kept)
  if before[1] == token then
    for n = 2, #before do
      local queue = redis.call('HGET', held, before[n])
      local entry = redis.call('HGET', unacked, before[n])
      if queue and entry then give(string.match(queue, '^%S+ (.*)$'), envelopeOf(entry)) end
    end
    return answer
  end
end

local score = string.format('%.6f', time[1] + time[2] / 1000000)
local tags, entries, indexed, owned = { token }, {}, {}, {}
local function parkRaw(queue, envelope, text)
  local key = P .. 'lovage:parked:' .. queue
  local record = cjson.encode({ code = 'LOVAGE_MESSAGE_INVALID', text = text, at = now, deliveries = 1, envelope = envelope })
  redis.call('ZADD', key, now, record)
  redis.call('ZREMRANGEBYRANK', key, 0, -10001)
end
local taken = {}
local function claim(queue, envelope, tag, place)
  if not tag then
    parkRaw(queue, envelope, 'it is no envelope with properties.delivery_tag and properties.delivery_info')
    return
  end
  if taken[tag] then
    -- Restored by Python while its first consumer still has it: both would delete the entry of the other.
    local first, last = string.find(envelope, '"' .. tag .. '"', 1, true)
    if not first then return parkRaw(queue, envelope, 'its delivery tag is in use') end
    tag = stem .. '-' .. #tags
    envelope = string.sub(envelope, 1, first) .. tag .. string.sub(envelope, last)
  end
  taken[tag] = true
  tags[#tags + 1] = tag
  entries[#entries + 1] = tag
  entries[#entries + 1] = '[' .. envelope .. ', ' .. place .. ']'
  indexed[#indexed + 1] = score
  indexed[#indexed + 1] = tag
  owned[#owned + 1] = tag
  owned[#owned + 1] = score .. ' ' .. queue
  give(queue, envelope)
end
local bytes = 0
for _, step in ipairs({ '', '\\006\\0223', '\\006\\0226', '\\006\\0229' }) do
  for _, queue in ipairs(queues) do
    while most > 0 and bytes < 8388608 do
      local part = math.min(most, 100)
      local popped = redis.pcall('RPOP', P .. queue .. step, part)
      if type(popped) == 'table' and popped.err then
        problems[#problems + 1] = P .. queue .. step
        problems[#problems + 1] = redis.call('TYPE', P .. queue .. step).ok
        break
      end
      if not popped then break end
      local found, places = {}, {}
      for n, envelope in ipairs(popped) do
        bytes = bytes + #envelope
        local tag, place = identify(envelope)
        found[n], places[n] = tag or '', place
      end
      for n, entry in ipairs(redis.call('HMGET', unacked, unpack(found))) do
        if entry then taken[found[n]] = true end
      end
      for n, envelope in ipairs(popped) do claim(queue, envelope, places[n] and found[n], places[n]) end
      most = most - #popped
      if #popped < part then break end
    end
  end
end
if #tags > 1 then
  each('HSET', unacked, entries, 1, #entries)
  each('ZADD', P .. 'unacked_index', indexed, 1, #indexed)
  each('HSET', held, owned, 1, #owned)
  redis.call('HSET', held, slot, cmsgpack.pack(tags))
end
return answer
`,
  { allowOom: true },
);
