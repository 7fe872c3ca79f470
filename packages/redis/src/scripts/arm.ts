import { LuaScript } from './lua-script.js';

/**
 * Looks at keys before a consumer waits for their change. All keys are declared, so that the server remembers them for the
 * connection that asks: first lists, then what tells when the next delayed message is due. Argument: number of lists.
 * Answer: 1 where any of the lists is there (or something else under its name), else 0; then the text of each of the others, or
 * nothing.
 */
export const armScript = new LuaScript(
  'arm',
  `
local lists, answer = tonumber(ARGV[1]), { 0 }
-- Few commands: with each that reads, the server goes over all keys.
local function each(from, to, read)
  for first = from, to, 4000 do read(unpack(KEYS, first, math.min(to, first + 3999))) end
end
each(1, lists, function(...) if redis.call('EXISTS', ...) > 0 then answer[1] = 1 end end)
each(lists + 1, #KEYS, function(...)
  for _, text in ipairs(redis.call('MGET', ...)) do answer[#answer + 1] = text or '' end
end)
return answer
`,
  { allowOom: true },
);
