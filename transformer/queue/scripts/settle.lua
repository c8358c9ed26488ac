#!lua flags=allow-oom
-- Append a batch's settlements and remove its events, or do nothing at all (I5). A drain that was
-- taken for dead meanwhile is fenced here (I2); a batch that was settled already is 'gone', so that
-- asking twice is harmless.
--
-- Of another generation the events are another's, for all that their ids may tell.
--
-- Settling frees as much as it takes, but for what the code returned; so it may pass Redis' limit, or
-- a full Redis could never be emptied. Where settlements wait already, though, it leaves the rest of
-- the memory to RQ and the writer, who make room.
--
-- KEYS  mark, events stream, drains, outcomes stream, mark of the outcomes stream, generation
-- ARGV  job, lease in ms, id of the batch's first event, id just behind its last,
--       job id for a write drain, generation the events were taken in, share of memory at which
--       it is full, then the settlement entry's fields
-- Gives 'fenced', 'gone', 'full', 'settled', or 'due' when a write drain must now be enqueued.
if redis.call('HGET', KEYS[1], 'job') ~= ARGV[1] or generation(KEYS[6]) ~= ARGV[6] then
  return 'fenced'
end
local first = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)
if #first == 0 or first[1][1] ~= ARGV[3] then
  return 'gone'
end
if fuller_than(tonumber(ARGV[7])) and redis.call('XLEN', KEYS[4]) > 0 then
  return 'full'
end
redis.call('XADD', KEYS[4], '*', unpack(ARGV, 8))
redis.call('XTRIM', KEYS[2], 'MINID', ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HDEL', KEYS[1], 'first', 'tries', 'failures')
redis.call('HSET', KEYS[1], 'deadline', now + ARGV[2])
if redis.call('EXISTS', KEYS[5]) == 0 then
  redis.call('HSET', KEYS[5], 'job', ARGV[5], 'state', 'queued', 'deadline', now + 2000)
  redis.call('SADD', KEYS[3], KEYS[4])
  return 'due'
end
return 'settled'
