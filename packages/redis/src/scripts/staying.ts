/**
 * What follows a settlement may stay with the consumer that settles: `stay(queue, from, to)` gives it the messages among the arguments
 * as a claim would, and says whether it did. They stand there as the entries of `unacked` that they become. Not where others wait in this queue,
 * which come first; nor beyond its room; nor when its lease has ended. Needs `unacked` and `index`, and reads two arguments: owner or nothing, and most messages.
 */
export const staying = `
local host, room = take(), takeNumber()
local lives
local function hostLives()
  if lives == nil then
    local lease = redis.call('ZSCORE', P .. 'lovage:leases', host)
    lives = lease and tonumber(lease) > now and redis.call('TYPE', unacked).ok == 'hash'
  end
  return lives
end
function stay(queue, from, to)
  if to - from >= room or not hostLives() then return false end
  local list = P .. queue .. '\\006\\022'
  if redis.call('EXISTS', P .. queue, list .. '3', list .. '6', list .. '9') > 0 then return false end
  local score = string.format('%.6f', time[1] + time[2] / 1000000)
  local entries, indexed, owned, count = {}, {}, {}, 0
  for n = from, to do
    local tag = string.match(A[n], '^%[{"properties":{"delivery_tag":"([^"]+)"')
    entries[count + 1], entries[count + 2] = tag, A[n]
    indexed[count + 1], indexed[count + 2] = score, tag
    owned[count + 1], owned[count + 2] = tag, score .. ' ' .. queue
    count = count + 2
  end
  each('HSET', unacked, entries, 1, count)
  each('ZADD', index, indexed, 1, count)
  each('HSET', P .. 'lovage:held:' .. host, owned, 1, count)
  room = room - (to - from + 1)
  return true
end
`;
