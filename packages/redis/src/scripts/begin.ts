import { LuaScript } from './lua-script.js';
import { head, heldMark } from './parts.js';

/**
 * Marks deliveries whose work begins: they count as delivered although they are suspects. Those that are no longer their consumer's, or
 * have the mark, stay as they are. Arguments: number of owners, of each its name, number of tags and tags.
 */
export const beginScript = new LuaScript(
  'begin',
  `${head}
for _ = 1, takeNumber() do
  local owner, count = take(), takeNumber()
  local held = P .. 'lovage:held:' .. owner
  -- Under a lease that has run out nothing changes any more: somebody may have looked already, and be about to restore what he saw.
  local lease = redis.call('ZSCORE', P .. 'lovage:leases', owner)
  local lives = lease and tonumber(lease) > now
  for n = at, at + count - 1 do
    local score, begun, queue = string.match(lives and redis.call('HGET', held, A[n]) or '', '${heldMark}')
    if begun == '' then redis.call('HSET', held, A[n], score .. '* ' .. queue) end
  end
  at = at + count
end
return 1
`,
  { allowOom: true },
);
