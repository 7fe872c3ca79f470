import { LuaScript } from './lua-script.js';
import { head, heldMark } from './parts.js';

/** Deliveries that one call looks at, about: a long one holds everybody else up. */
const most = 2000;

/**
 * Counts what consumers have in hand. Arguments: number, owners. Answer: of how many owners, then each queue and its number; ask again
 * for the other owners.
 */
export const inspectHeldCountsScript = new LuaScript(
  'inspect-held-counts',
  `${head}
local answer, counts, looked = { 0 }, {}, 0
for _ = 1, takeNumber() do
  if looked > ${most} then break end
  local values = redis.call('HVALS', P .. 'lovage:held:' .. take())
  looked = looked + #values
  answer[1] = answer[1] + 1
  for _, value in ipairs(values) do
    local _, _, queue = string.match(value, '${heldMark}')
    if queue then counts[queue] = (counts[queue] or 0) + 1 end
  end
end
for queue, count in pairs(counts) do
  answer[#answer + 1] = queue
  answer[#answer + 1] = count
end
return answer
`,
  { allowOom: true },
);

/**
 * Lists what consumers have in hand. Arguments: queue, number, owners. Answer: of how many owners, then for each delivery its tag, score,
 * whether it is of the queue, and its position among those of one instant.
 */
export const inspectHeldScript = new LuaScript(
  'inspect-held',
  `${head}
local wanted, answer = take(), { 0 }
local function positionsIn(fields)
  local positions = {}
  for n = 1, #fields, 2 do
    -- A short hash keeps its order; of a long one only the last claims tell it.
    if #fields <= 256 then positions[fields[n]] = n
    elseif string.find(fields[n], '^#.*t$') then
      for position, tag in ipairs(cmsgpack.unpack(fields[n + 1])) do positions[tag] = position end
    end
  end
  return positions
end
for _ = 1, takeNumber() do
  if #answer > ${most} * 4 then break end
  local fields = redis.call('HGETALL', P .. 'lovage:held:' .. take())
  local positions = positionsIn(fields)
  answer[1] = answer[1] + 1
  for n = 1, #fields, 2 do
    local score, _, queue = string.match(fields[n + 1], '${heldMark}')
    if score and string.sub(fields[n], 1, 1) ~= '#' then
      local size = #answer
      answer[size + 1], answer[size + 2] = fields[n], score
      answer[size + 3], answer[size + 4] = queue == wanted and 1 or 0, positions[fields[n]] or 0
    end
  end
end
return answer
`,
  { allowOom: true },
);
