import { LuaScript } from './lua-script.js';
import { head } from './parts.js';

/** Numbers of queues. Arguments: number, queues. Answer: of each how many wait, wait for their time, are parked. */
export const inspectCountsScript = new LuaScript(
  'inspect-counts',
  `${head}
local answer = {}
-- A key may hold something else: that is told to whoever reads the messages.
local function count(command, key)
  local size = redis.pcall(command, key)
  return type(size) == 'number' and size or 0
end
for _ = 1, takeNumber() do
  local queue = take()
  local ready = 0
  for _, step in ipairs({ '', '\\006\\0223', '\\006\\0226', '\\006\\0229' }) do ready = ready + count('LLEN', P .. queue .. step) end
  answer[#answer + 1] = ready
  answer[#answer + 1] = count('ZCARD', P .. 'lovage:delayed:' .. queue)
  answer[#answer + 1] = count('ZCARD', P .. 'lovage:parked:' .. queue)
end
return answer
`,
  { allowOom: true },
);
