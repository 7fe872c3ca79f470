import { knowing } from './knowing.js';
import { LuaScript } from './lua-script.js';
import { head } from './parts.js';

/**
 * Who has something in hand. Argument: queue, or nothing. Answer: whether the queue is known, the server's time, number of entries in
 * `unacked_index`, then two lists: consumers and the end of their leases, the first 10,000; consumers and their queues as JSON.
 */
export const inspectOwnersScript = new LuaScript(
  'inspect-owners',
  `${head}${knowing}
local owners = redis.call('ZRANGE', P .. 'lovage:leases', 0, 9999, 'WITHSCORES')
return { isKnown(take()), now, redis.call('ZCARD', P .. 'unacked_index'), owners, redis.call('HGETALL', P .. 'lovage:consumers') }
`,
  { allowOom: true },
);

/** Where deliveries came from. Arguments: number, tags. Answer: for each exchange and routing key, or nothing twice. */
export const inspectPlacesScript = new LuaScript(
  'inspect-places',
  `${head}
local answer = {}
local function placeOf(entry)
  local exchange, key = string.match(string.sub(entry, -600), ', "([^"\\\\]*)", "([^"\\\\]*)"%]$')
  if exchange then return exchange, key end
  local ok, parts = pcall(cjson.decode, entry)
  if ok and type(parts) == 'table' and type(parts[2]) == 'string' and type(parts[3]) == 'string' then return parts[2], parts[3] end
  return '', ''
end
for n = 1, takeNumber() do
  answer[n * 2 - 1], answer[n * 2] = placeOf(redis.call('HGET', P .. 'unacked', take()) or '')
end
return answer
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
