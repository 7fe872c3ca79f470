import { LuaScript } from './lua-script.js';
import { head } from './parts.js';

/** Removes all that is known of ids. Arguments: number of ids, ids. */
export const forgetScript = new LuaScript(
  'forget',
  `${head}
local count, keys = takeNumber(), {}
for n = 1, count do
  local id = take()
  keys[n * 2 - 1], keys[n * 2] = P .. 'celery-task-meta-' .. id, P .. 'lovage:state:' .. id
end
for first = 1, #keys, 4000 do redis.call('UNLINK', unpack(keys, first, math.min(#keys, first + 3999))) end
for _, period in ipairs(redis.call('ZRANGE', P .. 'lovage:sent', 0, -1)) do
  each('SREM', P .. 'lovage:sent:' .. period, A, 2, count + 1)
end
return count
`,
  { allowOom: true },
);
