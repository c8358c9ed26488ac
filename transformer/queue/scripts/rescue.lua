-- Give a stream whose drain vanished a new one; the old one is fenced from here on (I1, I2).
--
-- A deadline further away than the longest lease was set by a clock that has jumped back since.
--
-- KEYS  mark, stream, drains          ARGV  job that is taken for dead, next job, longest lease in ms
-- Gives 'kept' (it lives, or somebody was faster), 'idle', or 'more' when the next job is to be enqueued.
local mark = redis.call('HMGET', KEYS[1], 'job', 'deadline')
if mark[1] ~= ARGV[1] then
  return 'kept'
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local left = tonumber(mark[2]) - now
if left > 0 and left <= tonumber(ARGV[3]) then
  return 'kept'
end
if redis.call('XLEN', KEYS[2]) == 0 then
  redis.call('DEL', KEYS[1])
  redis.call('SREM', KEYS[3], KEYS[2])
  return 'idle'
end
redis.call('HSET', KEYS[1], 'job', ARGV[2], 'state', 'queued', 'deadline', now + 2000)
return 'more'
