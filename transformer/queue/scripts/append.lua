-- Append a group of entries to their streams, and mark each stream that has no drain (I1).
-- Nothing happens if the configuration has changed since the caller read it: the caller reads it
-- again, so that no webhook is routed by a stale table.
--
-- Nothing happens either while Redis is almost full: what is accepted already needs the rest of its
-- memory to get out again, for settling a batch appends before it removes. Nor where a stream is
-- crowded: the caller comes again with the rest.
--
-- What is over a rate is left out, by itself: a webhook's entries are all appended, or none.
--
-- KEYS  config version, drains, then stream and mark of each stream, and rates
-- ARGV  expected config version ('' accepts any), prefix for job ids, share of memory that may be used,
--       number of streams with a limit, for each: its index in KEYS, the most entries it may hold,
--       then for each entry: index of its stream in KEYS, number of strings, the strings;
--       before the entries of a webhook with a rate: 0, number of buckets, number of entries, the
--       webhook's number, the buckets (admission.lua)
-- Gives {'stale'}, {'full'}, {'crowded', stream, …} or
-- {'held', {number, microseconds to wait, …}, stream, job, stream, job, …}: the webhooks that were left
-- out, and the drains that are now due.
if ARGV[1] ~= '' and (redis.call('GET', KEYS[1]) or '0') ~= ARGV[1] then
  return {'stale'}
end
if fuller_than(tonumber(ARGV[3])) then
  return {'full'}
end
local limited = tonumber(ARGV[4])
local crowded = {'crowded'}
for place = 5, 3 + 2 * limited, 2 do
  local stream = KEYS[tonumber(ARGV[place])]
  if redis.call('XLEN', stream) >= tonumber(ARGV[place + 1]) then
    crowded[#crowded + 1] = stream
  end
end
if #crowded > 1 then
  return crowded
end
local refused = {}
local answer = {'held', refused}
local time = redis.call('TIME')
local now_us = time[1] * 1000000 + time[2]
local now = math.floor(now_us / 1000)
local marked = {}
local at = 5 + 2 * limited
while at <= #ARGV do
  local key = tonumber(ARGV[at])
  local size = tonumber(ARGV[at + 1])
  if key == 0 then
    local entries, webhook = tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
    local wait = microseconds_to_wait(at + 4, size, now_us)
    at = at + 4 + 3 * size
    if wait > 0 then
      refused[#refused + 1] = webhook
      refused[#refused + 1] = math.ceil(wait)
      for _ = 1, entries do
        at = at + 2 + tonumber(ARGV[at + 1])
      end
    end
  else
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
end
keep_buckets(now_us)
return answer
