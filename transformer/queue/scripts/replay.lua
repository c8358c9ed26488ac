-- Append a page of a replay, if the page before it was the last one, and note that this one is now. So
-- whoever works a replay off may die between any two steps, or be two, and nothing is appended twice
-- or left out.
--
-- Nothing happens while much waits on one of the streams: live webhooks come first.
--
-- KEYS  drains, progress of the replay, outcomes stream, then stream and mark of each stream
-- ARGV  cursor before; cursor, appended, refused and repeated after; most entries waiting on a stream,
--       most on the outcomes stream, prefix for job ids, share of memory at which it is full,
--       then for each entry: index of its stream in KEYS, number of strings, the strings
-- Gives {'elsewhere', cursor, appended, refused, repeated}, {'full'}, {'busy'} or
-- {'held', stream, job, stream, job, …}: the drains that are now due.
local progress = redis.call('HMGET', KEYS[2], 'cursor', 'appended', 'refused', 'repeated')
if progress[1] and progress[1] ~= ARGV[1] then
  return {'elsewhere', progress[1], progress[2], progress[3], progress[4]}
end
if fuller_than(tonumber(ARGV[9])) then
  return {'full'}
end
if redis.call('XLEN', KEYS[3]) > tonumber(ARGV[7]) then
  return {'busy'}
end
for key = 4, #KEYS, 2 do
  if redis.call('XLEN', KEYS[key]) > tonumber(ARGV[6]) then
    return {'busy'}
  end
end
local answer = {'held'}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local marked = {}
local at = 10
while at <= #ARGV do
  local key = tonumber(ARGV[at])
  local size = tonumber(ARGV[at + 1])
  redis.call('XADD', KEYS[key], '*', unpack(ARGV, at + 2, at + 1 + size))
  if not marked[key] then
    marked[key] = true
    if redis.call('EXISTS', KEYS[key + 1]) == 0 then
      local job = ARGV[8] .. '-' .. key
      redis.call('HSET', KEYS[key + 1], 'job', job, 'state', 'queued', 'deadline', now + 2000)
      redis.call('SADD', KEYS[1], KEYS[key])
      answer[#answer + 1] = KEYS[key]
      answer[#answer + 1] = job
    end
  end
  at = at + 2 + size
end
redis.call('HSET', KEYS[2], 'cursor', ARGV[2], 'appended', ARGV[3], 'refused', ARGV[4], 'repeated', ARGV[5])
return answer
