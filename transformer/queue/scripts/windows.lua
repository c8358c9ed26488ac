-- Count requests against the rates of the REST API, whose windows begin with the clock: a window of an
-- hour with the hour.
--
-- A window is one number that expires with it, by the clock of Redis, which is the same for all who
-- count. What is over a rate is not counted: it did nothing.
--
-- KEYS  config version, then the counter of each request's rate
-- ARGV  for each request: requests a window (0: any number, and none is counted), seconds of the window
-- Gives {config version, milliseconds now, then for each request: requests left or -1, milliseconds at
-- which the window ends}.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local answer = {redis.call('GET', KEYS[1]) or '0', now}
for number = 1, #KEYS - 1 do
  local most, window = tonumber(ARGV[2 * number - 1]), ARGV[2 * number] * 1000
  local ends = (math.floor(now / window) + 1) * window
  local left = 0
  if most > 0 then
    local counter = KEYS[number + 1]
    left = most - tonumber(redis.call('GET', counter) or '0') - 1
    if left >= 0 then
      redis.call('INCR', counter)
      redis.call('PEXPIREAT', counter, string.format('%.0f', ends))
    end
  end
  answer[#answer + 1] = math.max(left, -1)
  answer[#answer + 1] = ends
end
return answer
