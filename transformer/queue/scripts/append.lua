-- Append a group of entries to their streams, and mark each stream that has no drain (I1).
-- Nothing happens if the configuration has changed since the caller read it: the caller reads it
-- again, so that no webhook is routed by a stale table.
--
-- Nothing happens either while Redis is almost full: what is accepted already needs the rest of its
-- memory to get out again, for settling a batch appends before it removes.
--
-- KEYS  config version, drains, then stream and mark of each stream
-- ARGV  expected config version ('' accepts any), prefix for job ids, share of memory that may be used,
--       then for each entry: index of its stream in KEYS, number of strings, the strings
-- Gives {'stale'}, {'full'} or {'held', stream, job, stream, job, …}: the drains that are now due.
if ARGV[1] ~= '' and (redis.call('GET', KEYS[1]) or '0') ~= ARGV[1] then
  return {'stale'}
end
if fuller_than(tonumber(ARGV[3])) then
  return {'full'}
end
local answer = {'held'}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local marked = {}
local at = 4
while at <= #ARGV do
  local key = tonumber(ARGV[at])
  local size = tonumber(ARGV[at + 1])
  local stream, mark = KEYS[key], KEYS[key + 1]
  redis.call('XADD', stream, '*', unpack(ARGV, at + 2, at + 1 + size))
  if not marked[key] then
    marked[key] = true
    if redis.call('EXISTS', mark) == 0 then
      local job = ARGV[2] .. '-' .. key
      redis.call('HSET', mark, 'job', job, 'state', 'queued', 'deadline', now + 2000)
      redis.call('SADD', KEYS[2], stream)
      answer[#answer + 1] = stream
      answer[#answer + 1] = job
    end
  end
  at = at + 2 + size
end
return answer
