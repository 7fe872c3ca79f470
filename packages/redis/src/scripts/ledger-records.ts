import { LuaScript } from './lua-script.js';
import { head } from './parts.js';

/**
 * A page of records. Arguments: kind, where to begin as ZRANGEBYLEX takes it, limit. Answer: id, then version and value in one text,
 * of each.
 */
export const ledgerRecordsScript = new LuaScript(
  'ledger-records',
  `${head}
local kind, from, limit = take(), take(), take()
local answer = {}
for _, id in ipairs(redis.call('ZRANGEBYLEX', P .. 'lovage:records:' .. kind, from, '+', 'LIMIT', 0, limit)) do
  answer[#answer + 1] = id
  answer[#answer + 1] = redis.call('HGET', P .. 'lovage:record-values:' .. kind, id) or ''
end
return answer
`,
  { allowOom: true },
);
