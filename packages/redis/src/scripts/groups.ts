import { LuaScript } from './lua-script.js';
import { head } from './parts.js';

/** Arguments: group, milliseconds to live or nothing, document. */
export const putGroupScript = new LuaScript(
  'put-group',
  `${head}
local group, ttl, document = take(), take(), take()
local key = P .. 'celery-taskset-meta-' .. group
redis.call('SET', key, document, unpack(ttl == '' and {} or { 'PX', ttl }))
redis.call('PUBLISH', key, document)
return 1
`,
);

/** Arguments: group. Answer: the document, or nothing. */
export const getGroupScript = new LuaScript(
  'get-group',
  `${head}
local kept = redis.pcall('GET', P .. 'celery-taskset-meta-' .. take())
return type(kept) == 'string' and kept or false
`,
);
