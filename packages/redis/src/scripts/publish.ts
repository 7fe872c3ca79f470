import { LuaScript } from './lua-script.js';
import { head, repeats, sending } from './parts.js';

/**
 * Takes a batch of messages.
 *
 * Arguments: token, milliseconds for which sent ids are kept or nothing, number of groups, groups.
 * Answer: for each group 1, or 0 where its queue is not declared.
 */
export const publishScript = new LuaScript(
  'publish',
  `${head}${repeats}${sending}
local token, ttl = take(), take()
local before = done(token)
if before then return before end
local groups = at
checkGroups()
if misplaced then return misplaced end
at = groups
local outcomes = {}
for index = 1, takeNumber() do outcomes[index] = send(ttl) end
return finish(token, outcomes)
`,
);
