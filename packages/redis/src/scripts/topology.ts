import { LuaScript } from './lua-script.js';
import { head } from './parts.js';

/**
 * Declares exchanges, queues and bindings. Arguments: number of exchanges, each name and type; number of queues, each name and whether it ends
 * with its last consumer (1 or 0); number of bindings, each exchange, queue, member of the binding set. Answer: nothing, or what is wrong (`type`, `exchange` or `queue`), with the names;
 * then nothing was done.
 */
export const declareScript = new LuaScript(
  'declare',
  `${head}
local exchanges, queues, bindings = {}, {}, {}
for n = 1, takeNumber() do exchanges[n] = { take(), take() } end
for n = 1, takeNumber() do queues[n] = { take(), take() } end
for n = 1, takeNumber() do bindings[n] = { take(), take(), take() } end
local types, known = {}, {}
for _, exchange in ipairs(exchanges) do
  local before = types[exchange[1]] or redis.call('HGET', P .. 'lovage:exchanges', exchange[1])
  if before and before ~= exchange[2] then return { 'type', exchange[1], before } end
  types[exchange[1]] = exchange[2]
end
for _, queue in ipairs(queues) do known[queue[1]] = true end
for _, binding in ipairs(bindings) do
  if not types[binding[1]] and redis.call('HEXISTS', P .. 'lovage:exchanges', binding[1]) == 0 then
    return { 'exchange', binding[1], binding[2] }
  end
  if not known[binding[2]] and redis.call('SISMEMBER', P .. 'lovage:queues', binding[2]) == 0 then
    return { 'queue', binding[1], binding[2] }
  end
end
for _, exchange in ipairs(exchanges) do redis.call('HSET', P .. 'lovage:exchanges', exchange[1], exchange[2]) end
for _, queue in ipairs(queues) do
  local new = redis.call('SADD', P .. 'lovage:queues', queue[1]) == 1
  if new and queue[2] == '1' then redis.call('SADD', P .. 'lovage:auto-delete', queue[1]) end
end
for _, binding in ipairs(bindings) do redis.call('SADD', P .. '_kombu.binding.' .. binding[1], binding[3]) end
return {}
`,
);

/**
 * Bindings of exchanges. Arguments: number, exchanges. Answer: for each its type or nothing, and its members. Of a fanout exchange those
 * of Lovage's queues: Python's consumers listen, and nobody would take what is put into their lists.
 */
export const bindingsScript = new LuaScript(
  'bindings',
  `${head}
local answer = {}
for _ = 1, takeNumber() do
  local exchange = take()
  local kind = redis.call('HGET', P .. 'lovage:exchanges', exchange) or ''
  local members = redis.call('SMEMBERS', P .. '_kombu.binding.' .. exchange)
  if kind == 'fanout' then
    local all = members
    members = {}
    for _, member in ipairs(all) do
      local queue = string.match(member, '^.*\\006\\022(.*)$')
      if queue and redis.call('SISMEMBER', P .. 'lovage:queues', queue) == 1 then members[#members + 1] = member end
    end
  end
  answer[#answer + 1] = kind
  answer[#answer + 1] = members
end
return answer
`,
  { allowOom: true },
);

/** Deletes what waits in a queue. Argument: queue. Answer: its number, or -1 where the queue is not declared. */
export const purgeScript = new LuaScript(
  'purge',
  `${head}
local queue = take()
local count = 0
for _, step in ipairs({ '', '\\006\\0223', '\\006\\0226', '\\006\\0229' }) do
  count = count + redis.call('LLEN', P .. queue .. step)
  redis.call('UNLINK', P .. queue .. step)
end
if count == 0 and redis.call('SISMEMBER', P .. 'lovage:queues', queue) == 0
  and redis.call('EXISTS', P .. '_kombu.binding.' .. queue) == 0 then return -1 end
return count
`,
  { allowOom: true },
);
