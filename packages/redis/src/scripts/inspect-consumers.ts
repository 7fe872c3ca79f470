import { inspecting } from './inspecting.js';
import { LuaScript } from './lua-script.js';
import { head } from './parts.js';

/**
 * What is in hand, and who takes from which queue. Answer: two lists. The first has for each queue its name, its consumers and
 * what they have in hand; the second for each place of Python's deliveries exchange, routing key and number.
 */
export const inspectConsumersScript = new LuaScript(
  'inspect-consumers',
  `${head}${inspecting}
local names, consumers, unsettled = {}, {}, {}
local function seen(queue)
  if consumers[queue] then return end
  names[#names + 1], consumers[queue], unsettled[queue] = queue, 0, 0
end
for n = 1, #owners, 2 do
  local json = tonumber(owners[n + 1]) > now and redis.call('HGET', P .. 'lovage:consumers', owners[n])
  local ok, queues = pcall(cjson.decode, json or '[]')
  for _, queue in ipairs(ok and type(queues) == 'table' and queues or {}) do
    seen(queue)
    consumers[queue] = consumers[queue] + 1
  end
end
eachHeld(function(_, _, queue)
  seen(queue)
  unsettled[queue] = unsettled[queue] + 1
end)
local places, counts = {}, {}
eachForeign(function(_, _, exchange, key)
  local place = #exchange .. ' ' .. exchange .. key
  if not counts[place] then places[#places + 1], counts[place] = { place, exchange, key }, 0 end
  counts[place] = counts[place] + 1
end)
local own, foreign = {}, {}
for _, queue in ipairs(names) do
  for _, value in ipairs({ queue, consumers[queue], unsettled[queue] }) do own[#own + 1] = value end
end
for _, place in ipairs(places) do
  for _, value in ipairs({ place[2], place[3], counts[place[1]] }) do foreign[#foreign + 1] = value end
end
return { own, foreign }
`,
  { allowOom: true },
);
