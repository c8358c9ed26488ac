-- Renew the lease of a drain that is in the middle of a batch.
--
-- KEYS  mark          ARGV  job, lease in ms          Gives 1, or 0 if another drain owns the stream.
if redis.call('HGET', KEYS[1], 'job') ~= ARGV[1] then
  return 0
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], 'deadline', now + ARGV[2])
return 1
