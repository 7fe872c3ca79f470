import { LuaScript } from './lua-script.js';
import { head } from './parts.js';

/**
 * Takes a name for a time, or takes it again. The fence rises with every owner of any name, also over the loss of all data:
 * it is at least the server's time. Nothing needs to be kept of a name that is free.
 *
 * Arguments: name, owner, milliseconds. Answer: 1 and the fence; or 0, who has it, its fence and the milliseconds left to it.
 */
export const ledgerAcquireScript = new LuaScript(
  'ledger-acquire',
  `${head}
local key, owner, ttl = P .. 'lovage:lease:' .. take(), take(), take()
local present = redis.call('GET', key)
if present then
  local fence, holder = string.match(present, '^(%d+) (.*)$')
  if holder ~= owner then
    return { 0, holder or present, fence or '0', math.max(1, redis.call('PTTL', key)) }
  end
  redis.call('PEXPIRE', key, ttl)
  return { 1, fence }
end
local last = tonumber(redis.call('GET', P .. 'lovage:fence') or 0)
local fence = string.format('%.0f', math.max(last + 1, now))
redis.call('SET', P .. 'lovage:fence', fence)
redis.call('SET', key, fence .. ' ' .. owner, 'PX', ttl)
return { 1, fence }
`,
  { allowOom: true },
);
