/** `isKnown(queue)` gives 1 for a queue that was declared, here or in Python, or that holds something. */
export const knowing = `
local steps = { '', '\\006\\0223', '\\006\\0226', '\\006\\0229' }
local function isKnown(queue)
  if redis.call('SISMEMBER', P .. 'lovage:queues', queue) == 1 then return 1 end
  local found = redis.call('EXISTS', P .. '_kombu.binding.' .. queue, P .. 'lovage:delayed:' .. queue, P .. 'lovage:parked:' .. queue,
    P .. queue, P .. queue .. steps[2], P .. queue .. steps[3], P .. queue .. steps[4])
  return found > 0 and 1 or 0
end
`;
