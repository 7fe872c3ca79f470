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
 * A pattern for what stands in the hash of a consumer under the tag of a delivery: the score which it has in Celery's index, `*` once the
 * work on a suspect has begun, and its queue. So the mark goes with the delivery, whoever ends it.
 */
export const heldMark = '^(%d+%.%d+)(%*?) (.*)$';

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
 * message after its time), `tell` (a channel), `stay` (as `back`, but they may stay with a consumer, see `staying`; they come as
 * entries of `unacked`, since Lua copies and hashes each text that it makes). Gives whether it was routed; 2 where they stay.
 *
 * Sent ids are kept in sets, a new one for each 24th part of their time to live, so that marks need no keys of their own and
 * outlive results with the same time to live by no more than that. `lovage:sent` has the sets by their end.
 *
 * `checkGroups()` goes over number of groups and groups before anything is done: a script that fails half-way is not undone, and is
 * called again. `misplaced` is the error where a key holds something else.
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
local function keepSent(ttl, from, to)
  local ms = ttl ~= '' and math.min(100000000000000, math.ceil(tonumber(ttl)))
  if not period then
    period = ms and string.format('%.0f:%.0f', ms, math.floor(now / math.max(1000, ms / 24))) or 'ever'
    local ends = ms and string.format('%.0f', now + ms) or '+inf'
    local new = redis.call('ZADD', P .. 'lovage:sent', ends, period) == 1
    if new then redis.call('ZREMRANGEBYSCORE', P .. 'lovage:sent', '-inf', '(' .. string.format('%.0f', now)) end
  end
  local key = P .. 'lovage:sent:' .. period
  each('SADD', key, A, from, to)
  if ms then redis.call('PEXPIRE', key, string.format('%.0f', ms)) end
end
local function later(key, queue, from, to)
  local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]
  each('ZADD', key, A, from, to)
  local head = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]
  if head ~= first then redis.call('SET', P .. 'lovage:delayed-head:' .. queue, head) end
end
local wantedKinds = { back = 'list', next = 'list', stay = 'list', later = 'zset' }
local misplaced
local function checkPlace(kind, key)
  local wanted = wantedKinds[kind]
  local found = wanted and redis.call('TYPE', key).ok
  if not found or found == wanted or found == 'none' then return end
  misplaced = redis.error_reply('WRONGTYPE the key "' .. key .. '" holds a ' .. found .. ', expected a ' .. wanted)
end
local function checkGroups()
  for _ = 1, takeNumber() do
    local kind, queue, key, check, count = take(), take(), take(), take(), takeNumber()
    if check == '1' then isDeclared(queue) end
    checkPlace(kind, key)
    at = at + (kind == 'later' and count * 2 or count)
    local ids = takeNumber()
    if ids > 0 then checkPlace('later', P .. 'lovage:sent') end
    at = at + ids
  end
end
local commands = { back = 'LPUSH', next = 'RPUSH', stay = 'LPUSH' }
local stay
local function send(ttl)
  local kind, queue, key, check, count = take(), take(), take(), take(), takeNumber()
  local from, size = at, kind == 'later' and count * 2 or count
  at = at + size
  local ids = takeNumber()
  local idsFrom = at
  at = at + ids
  if check == '1' and not isDeclared(queue) then return 0 end
  local stays = kind == 'stay' and stay(queue, from, from + size - 1)
  if kind == 'stay' and not stays then
    for n = from, from + size - 1 do A[n] = string.match(A[n], '^%[(.*), "", ".*"%]$') end
  end
  if stays then
  elseif kind == 'later' then later(key, queue, from, from + size - 1)
  elseif kind == 'tell' then
    local heard = 0
    for index = from, from + size - 1 do heard = heard + redis.call('PUBLISH', key, A[index]) end
    return heard > 0 and 1 or 0
  else each(commands[kind], key, A, from, from + size - 1) end
  if ids > 0 then keepSent(ttl, idsFrom, idsFrom + ids - 1) end
  return stays and 2 or 1
end
`;

/**
 * The state inside a result document, whoever wrote it; the same as wire/document-state.ts finds. `stateAtHead` looks at the first 200
 * bytes only, which is enough for all that Lovage writes, and for JSON and msgpack of Python.
 */
export const stating = `
local function stateAtHead(head)
  local state = string.match(head, '^{"status": ?"([^"\\\\]*)"') or string.match(head, '^%-%-%- {"status": ?"([^"\\\\]*)"')
  if state then return state end
  local from = string.match(head, '^[\\128-\\143]\\166status()') or string.match(head, '^\\222..\\166status()')
  local mark = from and string.byte(head, from)
  if not mark then return nil end
  if mark >= 160 and mark <= 191 then return string.sub(head, from + 1, from + mark - 160) end
  if mark == 217 then return string.sub(head, from + 2, from + 1 + (string.byte(head, from + 1) or 0)) end
end
local function stateInside(document)
  local first = string.byte(document, 1) or 0
  if first >= 128 then return nil end
  if first == 123 then
    local ok, value = pcall(cjson.decode, document)
    return ok and type(value) == 'table' and type(value.status) == 'string' and value.status or nil
  end
  local from = string.sub(document, 1, 8) == 'status: ' and 0 or string.find(document, '\\nstatus: ', 1, true)
  if not from then return nil end
  local line = string.match(document, '^[^\\n]*', from + 9)
  local _, quoted = string.match(line, '^(["\\'])(.*)%1 *$')
  return quoted or string.match(line, '^([^"\\'%s].-) *$')
end
local function stateBeside(id)
  local kept = redis.pcall('GET', P .. 'lovage:state:' .. id)
  return type(kept) == 'string' and kept or nil
end
`;

/**
 * `keep()` reads one result and stores it, if no final state is in its way, and tells those who wait. A result is: id, rank
 * (`S` SUCCESS, `F` another final state, `E` earlier), milliseconds to live or nothing, state where the document does not
 * begin with it, document. Gives whether it was stored. What is no text is replaced, as Celery does: the key is the result's.
 */
export const keeping = `${stating}
local function rankOf(key, id)
  local head = redis.pcall('GETRANGE', key, 0, 199)
  if type(head) ~= 'string' then return 'E' end
  local state = stateAtHead(head) or stateInside(redis.call('GET', key)) or stateBeside(id)
  if state == 'SUCCESS' then return 'S' end
  if state == 'FAILURE' or state == 'REVOKED' then return 'F' end
  return 'E'
end
local function keepResult(id, rank, ttl, state, document)
  local key = P .. 'celery-task-meta-' .. id
  local fresh
  if ttl == '' then fresh = redis.call('SET', key, document, 'NX') else fresh = redis.call('SET', key, document, 'NX', 'PX', ttl) end
  local expiry = (fresh and state == '' or ttl == '') and {} or { 'PX', ttl }
  if not fresh then
    local before = rankOf(key, id)
    if before == 'S' or (before == 'F' and rank == 'E') then return 0 end
    redis.call('SET', key, document, unpack(expiry))
  end
  if state ~= '' then redis.call('SET', P .. 'lovage:state:' .. id, state, unpack(expiry))
  elseif not fresh then redis.call('DEL', P .. 'lovage:state:' .. id) end
  redis.call('PUBLISH', key, document)
  return 1
end
local function keep()
  local id, rank, ttl, state, document = take(), take(), take(), take(), take()
  return keepResult(id, rank, ttl, state, document)
end
`;

/**
 * `join()` reads one finished part of a chord and counts it: group, task, position or nothing, milliseconds to live or nothing, number of
 * parts that it adds (to `.t`, as Celery's `add_to_chord` does), document. Gives how many there are, or, to the part that completes the chord, a list: all documents, the document of the group or
 * nothing. `closeChord(group)` ends that.
 *
 * Celery's own keys hold documents and size, so parts of Python workers count too, and chords may be begun on either side. The hash
 * `lovage:joined:<group>` has a field for each task that we have counted (`t<task>`); in it stands the document itself, after its
 * position, where Celery's key can not take it: another part has the same text, or something else is kept there. Of a chord that is
 * complete it keeps `complete` (number of parts), `by` (the task that completed it) and, until it is closed, `documents`.
 */
export const joining = `
local function lengthen(key, ttl, new)
  if ttl == '' then redis.call('PERSIST', key)
  elseif new then redis.call('PEXPIRE', key, ttl)
  else redis.call('PEXPIRE', key, ttl, 'GT') end
end
local function groupDocument(base)
  local kept = redis.pcall('GET', base)
  return type(kept) == 'string' and kept or ''
end
-- Of each chord that this call has met what nobody else can change meanwhile: parts of a batch are asked for once.
local chords = {}
local function chordOf(group)
  if chords[group] then return chords[group] end
  local base, seen = P .. 'celery-taskset-meta-' .. group, P .. 'lovage:joined:' .. group
  local parts = base .. '.j'
  local kind = redis.call('TYPE', parts).ok
  local function number(key)
    local kept = redis.pcall('GET', key)
    return type(kept) == 'string' and tonumber(kept)
  end
  local chord = {
    base = base, seen = seen, parts = parts, isList = kind == 'list', isSet = kind == 'zset' or kind == 'none',
    complete = redis.call('HGET', seen, 'complete'), beside = tonumber(redis.call('HGET', seen, 'beside') or 0),
    size = (number(base .. '.s') or math.huge) + (number(base .. '.t') or 0), new = {}, ttls = {},
  }
  chord.present = chord.isList and redis.call('LLEN', parts) or chord.isSet and redis.call('ZCARD', parts) or 0
  chord.new[parts], chord.new[seen] = kind == 'none', redis.call('EXISTS', seen) == 0
  chords[group] = chord
  return chord
end
local function lengthenOnce(chord, key, ttl)
  if chord.ttls[key] == ttl then return end
  lengthen(key, ttl, chord.new[key])
  chord.ttls[key], chord.new[key] = ttl, nil
end
local function closeChord(group)
  local seen = P .. 'lovage:joined:' .. group
  chords[group] = nil
  redis.call('ZREM', P .. 'lovage:chords', group)
  if redis.call('EXISTS', seen) == 0 then return end
  redis.call('HDEL', seen, 'documents', 'record')
  redis.call('HSET', seen, 'closed', '1')
  if redis.call('HSETNX', seen, 'complete', '0') == 1 then
    local base = P .. 'celery-taskset-meta-' .. group
    redis.call('DEL', base .. '.s', base .. '.t', base .. '.j')
  end
end
local function join()
  local group, task, index, ttl, adds, document = take(), take(), take(), take(), takeNumber(), take()
  local chord = chordOf(group)
  local base, seen, parts, isList, isSet = chord.base, chord.seen, chord.parts, chord.isList, chord.isSet
  if chord.complete then
    lengthenOnce(chord, seen, ttl)
    local kept = redis.call('HGET', seen, 'by') == task and redis.call('HGET', seen, 'documents')
    if kept then return { cmsgpack.unpack(kept), groupDocument(base) } end
    return tonumber(chord.complete)
  end
  local function place()
    if isList then redis.call('RPUSH', parts, document)
    elseif not isSet or redis.call('ZADD', parts, 'NX', index == '' and '+inf' or index, document) == 0 then return false end
    chord.present = chord.present + 1
    return true
  end
  local fresh = redis.call('HSETNX', seen, 't' .. task, '') == 1
  if fresh and not place() then
    redis.call('HSET', seen, 't' .. task, index .. '\\n' .. document)
    redis.call('HINCRBY', seen, 'beside', 1)
    chord.beside = chord.beside + 1
  end
  if fresh and adds > 0 then
    if redis.call('INCRBY', base .. '.t', adds) == adds then chord.new[base .. '.t'] = true end
    chord.size = chord.size + adds
  end
  lengthenOnce(chord, seen, ttl)
  if chord.present > 0 then lengthenOnce(chord, parts, ttl) end
  if ttl ~= '' then
    lengthenOnce(chord, base .. '.s', ttl)
    lengthenOnce(chord, base .. '.t', ttl)
  end
  local size, beside = chord.size, chord.beside
  local function count() return beside + chord.present end
  -- A part that was counted before completes nothing: a Python worker may be doing so at this moment.
  if not fresh or count() < size then return count() end
  local present = isList and redis.call('LRANGE', parts, 0, -1) or isSet and redis.call('ZRANGE', parts, 0, -1, 'WITHSCORES') or {}
  local all, ids = {}, {}
  for n = 1, #present, isList and 1 or 2 do
    -- A task that ran at a Python worker and at one of ours has two texts.
    local id = string.match(present[n], '^%[1, ?"([^"\\\\]+)"')
    if id and ids[id] then
      if isList then redis.call('LREM', parts, 1, present[n]) else redis.call('ZREM', parts, present[n]) end
      chord.present = chord.present - 1
    else
      all[#all + 1] = { isList and n or present[n + 1] == 'inf' and math.huge or tonumber(present[n + 1]), present[n], #all }
      if id then ids[id] = true end
    end
  end
  if count() < size then return count() end
  if beside > 0 then
    local fields = redis.call('HGETALL', seen)
    for n = 1, #fields, 2 do
      local position, text = string.match(fields[n + 1], '^([^\\n]*)\\n(.*)$')
      if position and string.sub(fields[n], 1, 1) == 't' then
        all[#all + 1] = { position == '' and math.huge or tonumber(position), text, #all }
      end
    end
    table.sort(all, function(a, b) if a[1] ~= b[1] then return a[1] < b[1] end return a[3] < b[3] end)
  end
  local documents = {}
  for n = 1, #all do documents[n] = all[n][2] end
  redis.call('DEL', base .. '.s', base .. '.t')
  if isList or isSet then redis.call('DEL', parts) end
  redis.call('HSET', seen, 'complete', #documents, 'by', task, 'documents', cmsgpack.pack(documents))
  chords[group] = nil
  return { documents, groupDocument(base) }
end
`;
