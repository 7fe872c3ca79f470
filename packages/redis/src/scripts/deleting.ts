/**
 * `endConsumer(owner)` takes a consumer off the list, and with it the queues that end with their last consumer and of which it was
 * that: what waits in them, and their bindings. Deliveries that it had must be back in their queues by then, or settled.
 */
export const deleting = `
local function deleteQueue(queue)
  for _, step in ipairs({ '', '\\006\\0223', '\\006\\0226', '\\006\\0229' }) do redis.call('UNLINK', P .. queue .. step) end
  redis.call('UNLINK', P .. 'lovage:delayed:' .. queue, P .. 'lovage:delayed-head:' .. queue)
  for _, exchange in ipairs(redis.call('HKEYS', P .. 'lovage:exchanges')) do
    local key = P .. '_kombu.binding.' .. exchange
    local members = redis.pcall('SMEMBERS', key)
    for _, member in ipairs(members.err and {} or members) do
      if string.match(member, '^.*\\006\\022(.*)$') == queue then redis.call('SREM', key, member) end
    end
  end
  -- What is parked there an operator must still find.
  if redis.call('EXISTS', P .. 'lovage:parked:' .. queue) == 0 then redis.call('SREM', P .. 'lovage:queues', queue) end
  redis.call('SREM', P .. 'lovage:auto-delete', queue)
end
local function queuesOf(json)
  local ok, queues = pcall(cjson.decode, json or '')
  return ok and type(queues) == 'table' and queues or {}
end
local function endConsumer(owner)
  local queues = queuesOf(redis.call('HGET', P .. 'lovage:consumers', owner))
  redis.call('HDEL', P .. 'lovage:consumers', owner)
  local unused, some = {}, false
  for _, queue in ipairs(queues) do
    if redis.call('SISMEMBER', P .. 'lovage:auto-delete', queue) == 1 then unused[queue], some = true, true end
  end
  if not some then return end
  for _, json in ipairs(redis.call('HVALS', P .. 'lovage:consumers')) do
    for _, queue in ipairs(queuesOf(json)) do unused[queue] = nil end
  end
  for queue in pairs(unused) do deleteQueue(queue) end
end
`;
