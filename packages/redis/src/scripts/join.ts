import { LuaScript } from './lua-script.js';
import { head, joining, repeats } from './parts.js';

/** Counts a part of a chord. Arguments: token, part. Answer: the number of parts, or all documents where this one completes it. */
export const joinScript = new LuaScript(
  'join',
  `${head}${repeats}${joining}
local token = take()
local before = done(token)
if before then return before end
return finish(token, join())
`,
);
