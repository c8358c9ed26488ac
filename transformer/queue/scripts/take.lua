-- Read the next batch, and count how often its first entry has been tried (I8). Nothing is removed.
--
-- KEYS  mark, stream, config version, generation
-- ARGV  job, lease in ms, from (an id, exclusive with '('), most entries, most bytes,
--       the generation that the id is of: in another all is read from the beginning
-- Gives {'fenced'} or {'taken', config version, tries, entries, generation}.
local mark = redis.call('HMGET', KEYS[1], 'job', 'first', 'tries')
if mark[1] ~= ARGV[1] then
  return {'fenced'}
end
local version = redis.call('GET', KEYS[3]) or '0'
local present = generation(KEYS[4])
local from = ARGV[6] == present and ARGV[3] or '-'
local entries = redis.call('XRANGE', KEYS[2], from, '+', 'COUNT', ARGV[4])
if #entries == 0 then
  return {'taken', version, 0, entries, present}
end
local most, bytes, kept = tonumber(ARGV[5]), 0, {}
for index, entry in ipairs(entries) do
  for _, field in ipairs(entry[2]) do
    bytes = bytes + #field
  end
  if index > 1 and bytes > most then
    break
  end
  kept[index] = entry
end
local tries = 1
if mark[2] == kept[1][1] then
  tries = tonumber(mark[3]) + 1
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], 'first', kept[1][1], 'tries', tries, 'deadline', now + ARGV[2])
return {'taken', version, tries, kept, present}
