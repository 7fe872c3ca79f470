import { LuaScript } from './lua-script.js';
import { head, keeping, repeats } from './parts.js';

/** Stores results. Arguments: token, number of results, results. Answer: for each 1, or 0 where a final state stayed. */
export const putScript = new LuaScript(
  'put',
  `${head}${repeats}${keeping}
local token = take()
local before = done(token)
if before then return before end
local outcomes = {}
for n = 1, takeNumber() do outcomes[n] = keep() end
return finish(token, outcomes)
`,
);
