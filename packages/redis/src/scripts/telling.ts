/**
 * `tell(channel, told)` tells watches of the ledger, and keeps what was told for those that have lost their connection: about the
 * last 200 messages, for an hour. A message is the id under which it is kept, a space, and what is told.
 */
export const telling = `
local function tell(channel, told)
  local log = P .. 'lovage:change-log'
  local id = redis.call('XADD', log, 'MAXLEN', '~', 200, '*', 'told', told)
  redis.call('PEXPIRE', log, 3600000)
  redis.call('PUBLISH', channel, id .. ' ' .. told)
end
`;
