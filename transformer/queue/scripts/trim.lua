-- Forget entries whose effects are in the store: the position there makes this safe to repeat (I6).
-- In another generation the same id may stand for an entry that nobody has read.
--
-- KEYS  mark, stream, generation
-- ARGV  job, lease in ms, id just behind the last entry applied, generation it was read in
-- Gives 1, or 0 if the drain is fenced.
if generation(KEYS[3]) ~= ARGV[4] then
  return 0
end
redis.call('XTRIM', KEYS[2], 'MINID', ARGV[3])
if redis.call('HGET', KEYS[1], 'job') ~= ARGV[1] then
  return 0
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HDEL', KEYS[1], 'first', 'tries', 'failures')
redis.call('HSET', KEYS[1], 'deadline', now + ARGV[2])
return 1
