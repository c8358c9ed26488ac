-- Mark a stream that has entries and no mark; rescue brings it a drain (I1).
--
-- KEYS  mark, stream, drains          ARGV  job          Gives nothing.
if redis.call('XLEN', KEYS[2]) == 0 then
  return
end
redis.call('SADD', KEYS[3], KEYS[2])
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HSET', KEYS[1], 'job', ARGV[1], 'state', 'queued', 'deadline', 0)
end
