import { inspecting, knowing } from './inspecting.js';
import { LuaScript } from './lua-script.js';
import { head } from './parts.js';

/**
 * What consumers have in hand. Argument: queue. Answer: whether the queue is known, then two lists: of deliveries of the queue tag, score
 * and position; of all that Python has tag, score, exchange and routing key.
 */
export const inspectUnsettledScript = new LuaScript(
  'inspect-unsettled',
  `${head}${inspecting}${knowing}
local wanted, own, foreign = take(), {}, {}
eachHeld(function(tag, score, queue, position)
  if queue ~= wanted then return end
  for _, value in ipairs({ tag, score, position }) do own[#own + 1] = value end
end)
eachForeign(function(...)
  for _, value in ipairs({ ... }) do foreign[#foreign + 1] = value end
end)
return { isKnown(wanted), own, foreign }
`,
  { allowOom: true },
);

/**
 * Entries of `unacked`, about 8 MB at most. Arguments: number, tags. Answer: entries in order, nothing for those that are not
 * there; fewer where they grow too large.
 */
export const inspectEntriesScript = new LuaScript(
  'inspect-entries',
  `${head}
local answer, bytes = {}, 0
for n = 1, takeNumber() do
  if bytes > 8388608 then break end
  answer[n] = redis.call('HGET', P .. 'unacked', take()) or ''
  bytes = bytes + #answer[n]
end
return answer
`,
  { allowOom: true },
);
