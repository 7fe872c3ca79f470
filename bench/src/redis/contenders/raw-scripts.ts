/** Most a queue can do with this server and this client: no leases, no priorities, no delays, no other languages. */

/** KEYS: queue, what is in hand. ARGV: most messages. Answer: messages. */
export const rawClaim = `
local taken = redis.call('RPOP', KEYS[1], ARGV[1])
if not taken then return {} end
local held = {}
for n, message in ipairs(taken) do
  held[2 * n - 1] = string.sub(message, 8, 43)
  held[2 * n] = message
end
redis.call('HSET', KEYS[2], unpack(held))
return taken
`;

/** KEYS: what is in hand. ARGV: channel, then id and result of each task. */
export const rawSettle = `
for n = 2, #ARGV, 2 do
  redis.call('HDEL', KEYS[1], ARGV[n])
  redis.call('SET', 'raw:result:' .. ARGV[n], ARGV[n + 1], 'EX', 86400)
  redis.call('PUBLISH', ARGV[1], ARGV[n] .. ARGV[n + 1])
end
return 1
`;
