-- Let a stream whose drain failed wait before the next try, longer with each failure in a row; rescue
-- brings that try when the deadline is over. What is settled or trimmed ends the row.
--
-- KEYS  mark          ARGV  job, first delay in ms, longest delay in ms, share of it to wait (0 to 1)
-- Gives the delay in ms, or -1 if the drain is fenced.
if redis.call('HGET', KEYS[1], 'job') ~= ARGV[1] then
  return -1
end
local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
local longest = math.min(tonumber(ARGV[2]) * 2 ^ (failures - 1), tonumber(ARGV[3]))
local delay = math.floor(longest * tonumber(ARGV[4]))
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], 'deadline', now + delay)
return delay
