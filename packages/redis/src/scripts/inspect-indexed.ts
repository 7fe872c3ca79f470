import { knowing } from './knowing.js';
import { LuaScript } from './lua-script.js';
import { head } from './parts.js';

/**
 * A page of a sorted set of a queue, of about 8 MB at most. Arguments: queue, `delayed` or `parked`, score from which it begins or
 * `-inf`, members of it to leave out, limit. Answer: whether the queue is known, whether there are more, then member and score of
 * each; or 0, `damaged`, key, type.
 */
export const inspectIndexedScript = new LuaScript(
  'inspect-indexed',
  `${head}${knowing}
local queue, place, from, skip, limit = take(), take(), take(), takeNumber(), takeNumber()
local key = P .. 'lovage:' .. place .. ':' .. queue
local answer, bytes = { isKnown(queue), 0 }, 0
while true do
  local room = limit - (#answer - 2) / 2
  local size = math.min(20, room)
  local part = redis.pcall('ZRANGEBYSCORE', key, from, '+inf', 'WITHSCORES', 'LIMIT', skip, size + 1)
  if part.err then return { 0, 'damaged', key, redis.call('TYPE', key).ok } end
  for n = 1, math.min(#part, size * 2) do
    answer[#answer + 1] = part[n]
    bytes = bytes + #part[n]
  end
  if #part <= size * 2 then return answer end
  if size == room or bytes > 8388608 then
    answer[2] = 1
    return answer
  end
  skip = skip + size
end
`,
  { allowOom: true },
);
