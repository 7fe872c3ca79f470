/**
 * Pieces of Lua for looking at what consumers have in hand; behind `head`. `eachHeld(tell)` calls for each delivery of a Lovage
 * consumer with its tag, score, queue and position in the order of delivery; `eachForeign(tell)`, after it, for each of the others,
 * which are Python's, with tag, score, exchange and routing key. Looks at 10,000 consumers and at 2,000 foreign deliveries at most.
 */
export const inspecting = `
local owners = redis.call('ZRANGE', P .. 'lovage:leases', 0, 9999, 'WITHSCORES')
local ownTags, ownCount = {}, 0
local function eachHeld(tell)
  for n = 1, #owners, 2 do
    local fields = redis.call('HGETALL', P .. 'lovage:held:' .. owners[n])
    local positions = {}
    -- A short hash keeps its order; of a long one only the last claims tell it.
    for f = 1, #fields, 2 do
      if #fields <= 256 then positions[fields[f]] = f
      elseif string.sub(fields[f], 1, 1) == '#' then
        for position, tag in ipairs(cmsgpack.unpack(fields[f + 1])) do positions[tag] = position end
      end
    end
    for f = 1, #fields, 2 do
      local score, queue = string.match(fields[f + 1], '^(%d+%.%d+) (.*)$')
      if score and string.sub(fields[f], 1, 1) ~= '#' then
        ownTags[fields[f]] = true
        ownCount = ownCount + 1
        tell(fields[f], score, queue, positions[fields[f]] or 0)
      end
    end
  end
end
local function placeOf(entry)
  local exchange, key = string.match(string.sub(entry, -600), ', "([^"\\\\]*)", "([^"\\\\]*)"%]$')
  if exchange then return exchange, key end
  local ok, parts = pcall(cjson.decode, entry)
  if ok and type(parts) == 'table' and type(parts[2]) == 'string' and type(parts[3]) == 'string' then return parts[2], parts[3] end
end
local function eachForeign(tell)
  local index = P .. 'unacked_index'
  if redis.call('ZCARD', index) <= ownCount then return end
  local left, found = 2000, redis.call('ZRANGE', index, 0, 19999, 'WITHSCORES')
  for n = 1, #found, 2 do
    if left > 0 and not ownTags[found[n]] then
      left = left - 1
      local exchange, key = placeOf(redis.call('HGET', P .. 'unacked', found[n]) or '')
      if exchange then tell(found[n], found[n + 1], exchange, key) end
    end
  end
end
`;

/** `isKnown(queue)` gives 1 for a queue that was declared, here or in Python, or that holds something. */
export const knowing = `
local steps = { '', '\\006\\0223', '\\006\\0226', '\\006\\0229' }
local function isKnown(queue)
  if redis.call('SISMEMBER', P .. 'lovage:queues', queue) == 1 then return 1 end
  local found = redis.call('EXISTS', P .. '_kombu.binding.' .. queue, P .. 'lovage:delayed:' .. queue, P .. 'lovage:parked:' .. queue,
    P .. queue, P .. queue .. steps[2], P .. queue .. steps[3], P .. queue .. steps[4])
  return found > 0 and 1 or 0
end
`;
