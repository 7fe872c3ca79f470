import { LuaScript } from './lua-script.js';
import { head } from './parts.js';

/**
 * Takes tokens out of a bucket; one that is not there is full. A call that is repeated takes once.
 *
 * Arguments: bucket, tokens, capacity, tokens a second, token of the call, milliseconds for which it may be repeated.
 * Answer: 0 when they were granted, or milliseconds to wait.
 */
export const ledgerTokensScript = new LuaScript(
  'ledger-tokens',
  `${head}
local key, wanted, capacity, rate = P .. 'lovage:tokens:' .. take(), takeNumber(), takeNumber(), takeNumber()
local granted, repeatable = P .. 'lovage:done:' .. take(), take()
if redis.call('EXISTS', granted) == 1 then return 0 end
local present = time[1] * 1000000 + time[2]
local level, at = string.match(redis.call('GET', key) or '', '^(%S+) (%S+)$')
level, at = tonumber(level) or capacity, tonumber(at) or present
-- A clock that was set back gives nothing, and takes nothing.
level = math.min(capacity, level + math.max(0, present - at) / 1000000 * rate)
-- Tolerance for sums of fractions: a caller that waited as long as it was told must not be sent away again.
local grants = level + 1e-9 >= wanted
if grants then level = math.max(0, level - wanted) end
local fullInMs = math.ceil((capacity - level) / rate * 1000) + 1
local state = string.format('%.17g %.0f', level, present)
redis.call('SET', key, state, 'PX', string.format('%.0f', math.min(fullInMs, 1e14)))
if not grants then return string.format('%.0f', math.ceil((wanted - level) / rate * 1000)) end
redis.call('SET', granted, '', 'PX', repeatable)
return 0
`,
  { allowOom: true },
);
