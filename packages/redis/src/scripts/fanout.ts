import { LuaScript } from './lua-script.js';
import { head } from './parts.js';

/** Fanout exchanges that lead to any of some queues. Arguments: number of queues, queues. Answer: exchanges. */
export const fanoutsScript = new LuaScript(
  'fanouts',
  `${head}
local wanted, answer = {}, {}
for _ = 1, takeNumber() do wanted[take()] = true end
local exchanges = redis.call('HGETALL', P .. 'lovage:exchanges')
for n = 1, #exchanges, 2 do
  -- What is no set leads nowhere; who publishes to it is told.
  local members = exchanges[n + 1] == 'fanout' and redis.pcall('SMEMBERS', P .. '_kombu.binding.' .. exchanges[n]) or {}
  for _, member in ipairs(members) do
    if wanted[string.match(member, '^.*\\006\\022(.*)$') or false] then
      answer[#answer + 1] = exchanges[n]
      break
    end
  end
end
return answer
`,
  { allowOom: true },
);

/**
 * Puts messages that were heard on the channel of a fanout exchange into the queues that are bound to it, each once, however many
 * processes have heard it: the first one leaves a mark. Python's own queues get nothing, since their consumers listen.
 *
 * Arguments: number of messages, each: exchange, tag, what follows the name of the queue in that of the list, envelope before and
 * behind its tag. Answer: keys that hold something else, so that nothing could be read or written there.
 */
export const hearScript = new LuaScript(
  'hear',
  `${head}
local found, problems = {}, {}
local function queuesOf(exchange)
  if found[exchange] then return found[exchange] end
  local queues, seen = {}, {}
  local members = redis.pcall('SMEMBERS', P .. '_kombu.binding.' .. exchange)
  if members.err then problems[#problems + 1] = P .. '_kombu.binding.' .. exchange end
  for _, member in ipairs(members) do
    local queue = string.match(member, '^.*\\006\\022(.*)$')
    if queue and not seen[queue] and redis.call('SISMEMBER', P .. 'lovage:queues', queue) == 1 then
      seen[queue] = true
      queues[#queues + 1] = queue
    end
  end
  found[exchange] = queues
  return queues
end
for _ = 1, takeNumber() do
  local exchange, tag, step, before, behind = take(), take(), take(), take(), take()
  local queues = queuesOf(exchange)
  if #queues > 0 and redis.call('SET', P .. 'lovage:heard:' .. tag, '1', 'NX', 'PX', 600000) then
    for n, queue in ipairs(queues) do
      -- Each copy is a delivery of its own.
      local list, own = P .. queue .. step, n == 1 and tag or tag .. '-' .. n
      local pushed = redis.pcall('LPUSH', list, before .. own .. behind)
      if type(pushed) == 'table' and pushed.err then problems[#problems + 1] = list end
    end
  end
end
return problems
`,
);
