import { knowing } from './knowing.js';
import { LuaScript } from './lua-script.js';
import { head } from './parts.js';

/**
 * A page of waiting messages in the order in which they are served, of about 8 MB at most. Arguments: queue, number of the list from
 * 1, position in it from the end that is served, limit. Answer: whether the queue is known, where the next page begins (0, 0: there is
 * none), then envelopes; or 0, `damaged`, key, type.
 */
export const inspectReadyScript = new LuaScript(
  'inspect-ready',
  `${head}${knowing}
local queue, list, position, limit = take(), takeNumber(), takeNumber(), takeNumber()
local answer, bytes = { isKnown(queue), 0, 0 }, 0
while list <= 4 do
  local key = P .. queue .. steps[list]
  local length = redis.pcall('LLEN', key)
  if type(length) == 'table' then return { 0, 'damaged', key, redis.call('TYPE', key).ok } end
  while position < length do
    if #answer - 3 >= limit or bytes > 8388608 then
      answer[2], answer[3] = list, position
      return answer
    end
    local size = math.min(20, limit - #answer + 3, length - position)
    local part = redis.call('LRANGE', key, -(position + size), -(position + 1))
    for n = #part, 1, -1 do
      answer[#answer + 1] = part[n]
      bytes = bytes + #part[n]
    end
    position = position + size
  end
  list, position = list + 1, 0
end
return answer
`,
  { allowOom: true },
);
