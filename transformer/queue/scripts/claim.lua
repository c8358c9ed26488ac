-- Begin a drain: only the job that the mark names may, and only once (I2).
--
-- KEYS  mark          ARGV  job, lease in ms          Gives 1, or 0 if the job is stale.
local mark = redis.call('HMGET', KEYS[1], 'job', 'state')
if mark[1] ~= ARGV[1] or mark[2] ~= 'queued' then
  return 0
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], 'state', 'running', 'deadline', now + ARGV[2])
return 1
