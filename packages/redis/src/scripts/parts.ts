/**
 * Pieces of Lua that several scripts share. `P` is the key prefix, `now` the server's time in milliseconds, `A` and `at` the
 * arguments and the position of the next one.
 */
export const head = `
local P = string.sub(KEYS[1], 1, -7)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local A, at = ARGV, 1
local function take() at = at + 1; return A[at - 1] end
local function takeNumber() return tonumber(take()) end
local function each(command, key, list, from, to)
  for first = from, to, 4000 do redis.call(command, key, unpack(list, first, math.min(to, first + 3999))) end
end
`;

/**
 * What a call that is repeated after a lost answer finds: `done(token)` gives the outcome of the first time, and
 * `finish(token, outcome)` keeps it for as long as anybody may ask again.
 */
export const repeats = `
local function done(token)
  local kept = redis.call('GET', P .. 'lovage:done:' .. token)
  return kept and cmsgpack.unpack(kept)
end
local function finish(token, outcome)
  redis.call('SET', P .. 'lovage:done:' .. token, cmsgpack.pack(outcome), 'PX', 120000)
  return outcome
end
`;

/**
 * `send()` reads one group of publications for one place and puts them there. A group is: kind, queue, key, whether the queue
 * must be declared, number of messages, messages, number of sent ids, sent ids. Kinds: `back` and `next` of a list, `later` (each
 * message after its time), `tell` (a channel). Gives whether it was routed.
 */
export const sending = `
local declared = {}
local function isDeclared(queue)
  if declared[queue] == nil then
    declared[queue] = redis.call('SISMEMBER', P .. 'lovage:queues', queue) == 1
      or redis.call('EXISTS', P .. '_kombu.binding.' .. queue) == 1
  end
  return declared[queue]
end
local period
local function sentPeriod(ttl)
  if period then return period end
  local number = ttl == '' and 'ever' or tostring(math.floor(now / 3600000))
  period = P .. 'lovage:sent:' .. number
  redis.call('ZADD', P .. 'lovage:sent', 'GT', ttl == '' and '+inf' or now + tonumber(ttl), number)
  return period
end
local function keepSent(ttl, from, to)
  local key = sentPeriod(ttl)
  each('SADD', key, A, from, to)
  if ttl ~= '' then redis.call('PEXPIRE', key, tonumber(ttl) + 3600000) end
end
local function later(key, queue, from, to)
  local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]
  each('ZADD', key, A, from, to)
  local head = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]
  if head ~= first then redis.call('SET', P .. 'lovage:delayed-head:' .. queue, head) end
end
local commands = { back = 'LPUSH', next = 'RPUSH' }
local function send(ttl)
  local kind, queue, key, check, count = take(), take(), take(), take(), takeNumber()
  local from, size = at, kind == 'later' and count * 2 or count
  at = at + size
  local ids = takeNumber()
  local idsFrom = at
  at = at + ids
  if check == '1' and not isDeclared(queue) then return 0 end
  if kind == 'later' then later(key, queue, from, from + size - 1)
  elseif kind == 'tell' then
    local heard = 0
    for index = from, from + size - 1 do heard = heard + redis.call('PUBLISH', key, A[index]) end
    return heard > 0 and 1 or 0
  else each(commands[kind], key, A, from, from + size - 1) end
  if ids > 0 then keepSent(ttl, idsFrom, idsFrom + ids - 1) end
  return 1
end
`;

/**
 * `keep()` reads one result and stores it, if no final state is in its way, and tells those who wait. A result is: id, rank
 * (`S` SUCCESS, `F` another final state, `E` earlier), milliseconds to live or nothing, state where the document does not
 * show it, document. Gives whether it was stored.
 */
export const keeping = `
local function rankOf(document, id)
  local state = string.match(string.sub(document, 1, 200), '^{"status": ?"([^"]*)"')
  if not state then
    state = redis.call('GET', P .. 'lovage:state:' .. id)
    if not state then state = string.match(document, 'status[^%a]*(%u+)') end
  end
  if state == 'SUCCESS' then return 'S' end
  if state == 'FAILURE' or state == 'REVOKED' then return 'F' end
  return 'E'
end
local function keep()
  local id, rank, ttl, state, document = take(), take(), take(), take(), take()
  local key = P .. 'celery-task-meta-' .. id
  local expiry = ttl == '' and {} or { 'PX', ttl }
  local fresh
  if ttl == '' then fresh = redis.call('SET', key, document, 'NX') else fresh = redis.call('SET', key, document, 'NX', 'PX', ttl) end
  if not fresh then
    local present = redis.pcall('GETRANGE', key, 0, 199)
    if type(present) == 'string' then
      local before = rankOf(present, id)
      if before == 'S' or (before == 'F' and rank == 'E') then return 0 end
    end
    redis.call('SET', key, document, unpack(expiry))
  end
  if state ~= '' then redis.call('SET', P .. 'lovage:state:' .. id, state, unpack(expiry))
  elseif not fresh then redis.call('DEL', P .. 'lovage:state:' .. id) end
  redis.call('PUBLISH', key, document)
  return 1
end
`;

/**
 * `join()` reads one finished part of a chord and counts it: group, task, position or nothing, size, milliseconds to live or
 * nothing, document. Gives how many there are, or all documents for the call that completes the chord. Celery's own key holds
 * the documents, so parts of Python workers count too.
 */
export const joining = `
local function join()
  local group, task, index, size, ttl, document = take(), take(), take(), takeNumber(), take(), take()
  local parts, seen = P .. 'celery-taskset-meta-' .. group .. '.j', P .. 'lovage:joined:' .. group
  if redis.call('SADD', seen, task) == 1 and redis.call('SISMEMBER', seen, '') == 0 then
    redis.call('ZADD', parts, index == '' and '+inf' or index, document)
  end
  if ttl ~= '' then redis.call('PEXPIRE', parts, ttl); redis.call('PEXPIRE', seen, ttl) end
  local count = redis.call('ZCARD', parts)
  local more = tonumber(redis.call('GET', P .. 'celery-taskset-meta-' .. group .. '.t') or 0)
  if count < size + more or redis.call('SISMEMBER', seen, '') == 1 then return count end
  local documents = redis.call('ZRANGE', parts, 0, -1)
  redis.call('SADD', seen, '')
  redis.call('DEL', parts, P .. 'celery-taskset-meta-' .. group .. '.s', P .. 'celery-taskset-meta-' .. group .. '.t')
  return documents
end
`;
