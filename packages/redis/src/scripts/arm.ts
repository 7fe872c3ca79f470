import { LuaScript } from './lua-script.js';

/**
 * Looks at keys before a consumer waits for their change. All keys are declared, so that the server remembers them for the
 * connection that asks: first lists, then what tells when the next delayed message is due. Argument: number of lists.
 * Answer: 1 where a list holds something, else 0; then the text of each of the others, or nothing.
 */
export const armScript = new LuaScript(
  'arm',
  `
local lists, answer = tonumber(ARGV[1]), { 0 }
for n, key in ipairs(KEYS) do
  -- A key may hold something else, for which the claim has no use either.
  local found = redis.pcall(n <= lists and 'LLEN' or 'GET', key)
  if n > lists then answer[#answer + 1] = type(found) == 'string' and found or ''
  elseif type(found) == 'number' and found > 0 then answer[1] = 1 end
end
return answer
`,
  { allowOom: true },
);
