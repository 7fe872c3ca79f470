import { LuaScript } from './lua-script.js';
import { head, stating } from './parts.js';

/** Most bytes of documents in one answer; the server cuts off listeners with more than 32 MB that they have not read. */
const mostBytes = 4_194_304;
/** A longer document is read in pieces of this size. */
export const pieceBytes = 8_388_608;

/**
 * Reads results. Arguments: number of ids, ids. Answer: for each id two values: what was found, and the document or nothing.
 * Found: `r` with the state kept beside, if any; `l` the same, but the document is long, and here is its length; `s` nothing but
 * that the id was sent; `n` nothing; `t` with the type of something else.
 * After many bytes the rest is left out: ask again for it.
 */
export const getScript = new LuaScript(
  'get',
  `${head}${stating}
local answer, bytes, missing = {}, 0, {}
for n = 1, takeNumber() do
  local id = take()
  local key = P .. 'celery-task-meta-' .. id
  local document = redis.pcall('GET', key)
  local found, text = 'n', ''
  if type(document) == 'string' then
    found, text = 'r', document
    if not stateAtHead(string.sub(document, 1, 200)) then found = 'r' .. (stateBeside(id) or '') end
    if #document > ${pieceBytes} then found, text = 'l' .. string.sub(found, 2), string.format('%.0f', #document) end
  elseif type(document) == 'table' then found = 't' .. redis.call('TYPE', key).ok
  else missing[#missing + 1] = n end
  answer[n * 2 - 1], answer[n * 2] = found, text
  bytes = bytes + #text
  if bytes > ${mostBytes} then break end
end
if #missing == 0 then return answer end
for _, period in ipairs(redis.call('ZREVRANGEBYSCORE', P .. 'lovage:sent', '+inf', now)) do
  local left = {}
  for from = 1, #missing, 4000 do
    local to = math.min(#missing, from + 3999)
    local ids = {}
    for n = from, to do ids[#ids + 1] = A[missing[n] + 1] end
    for n, sent in ipairs(redis.call('SMISMEMBER', P .. 'lovage:sent:' .. period, unpack(ids))) do
      if sent == 1 then answer[missing[from + n - 1] * 2 - 1] = 's' else left[#left + 1] = missing[from + n - 1] end
    end
  end
  missing = left
  if #missing == 0 then break end
end
return answer
`,
  { allowOom: true },
);

/** Reads a piece of a long document. Arguments: id, first byte. Answer: the piece, and the digest of the whole. */
export const pieceScript = new LuaScript(
  'piece',
  `${head}
local key, first = P .. 'celery-task-meta-' .. take(), takeNumber()
local document = redis.pcall('GET', key)
if type(document) ~= 'string' then return { '', '' } end
return { string.sub(document, first + 1, first + ${pieceBytes}), redis.sha1hex(document) }
`,
  { allowOom: true },
);
