import { LuaScript } from './lua-script.js';
import { head, repeats } from './parts.js';
import { telling } from './telling.js';

const change = `${head}${repeats}${telling}
local token = take()
local before = done(token)
if before then return before end
local kind, id, expected, channel, told = take(), take(), takeNumber(), take(), take()
local index, values = P .. 'lovage:records:' .. kind, P .. 'lovage:record-values:' .. kind
local present = redis.call('HGET', values, id)
local version = present and tonumber(string.match(present, '^%d+')) or 0
if version ~= expected then return -1 end
`;

const finish = `
tell(channel, told)
return finish(token, version + 1)
`;

/**
 * Stores a record if it has the expected version. Arguments: token, kind, id, version (0: must not exist), channel, what is
 * told, value. Answer: the new version, or -1.
 */
export const ledgerPutRecordScript = new LuaScript(
  'ledger-put-record',
  `${change}
if not present then redis.call('ZADD', index, 0, id) end
redis.call('HSET', values, id, string.format('%.0f', version + 1) .. ' ' .. take())
${finish}`,
);

/** Deletes a record of the expected version. Arguments as above, without a value. Answer: the version after it, or -1. */
export const ledgerDeleteRecordScript = new LuaScript(
  'ledger-delete-record',
  `${change}
redis.call('ZREM', index, id)
redis.call('HDEL', values, id)
${finish}`,
  { allowOom: true },
);
