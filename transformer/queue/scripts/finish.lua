-- End a drain: an empty stream loses its mark; a backlog gets a new job at the end of the queue,
-- behind the other streams (I1, I3).
--
-- KEYS  mark, stream, drains          ARGV  job, next job
-- Gives 'fenced', 'idle', or 'more' when the next job must now be enqueued.
if redis.call('HGET', KEYS[1], 'job') ~= ARGV[1] then
  return 'fenced'
end
if redis.call('XLEN', KEYS[2]) == 0 then
  redis.call('DEL', KEYS[1])
  redis.call('SREM', KEYS[3], KEYS[2])
  return 'idle'
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], 'job', ARGV[2], 'state', 'queued', 'deadline', now + 2000)
return 'more'
