-- Renew the lease of a drain that is in the middle of a batch.
--
-- A deadline further away than a lease stays: the drain has failed meanwhile, and its stream waits.
--
-- KEYS  mark          ARGV  job, lease in ms          Gives 1, or 0 if another drain owns the stream.
local mark = redis.call('HMGET', KEYS[1], 'job', 'deadline')
if mark[1] ~= ARGV[1] then
  return 0
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], 'deadline', math.max(tonumber(mark[2]), now + ARGV[2]))
return 1
