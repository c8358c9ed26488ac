-- Rate limits: how long a webhook must wait until its buckets hold a token each; 0 takes the tokens.
--
-- A bucket is kept as the moment, in microseconds, at which it will be full again: one number, that
-- needs no clock to tick, and a key that expires when it says nothing any more. Both of a webhook's
-- buckets are looked at before either is charged.
--
-- ARGV  from `at`, for each bucket: index of its key in KEYS, tokens a second, tokens it holds
local full_at = {}

local function microseconds_to_wait(at, buckets, now)
  local wait = 0
  for bucket = 0, buckets - 1 do
    local key = tonumber(ARGV[at + 3 * bucket])
    local token = 1000000 / tonumber(ARGV[at + 3 * bucket + 1])
    local holds = tonumber(ARGV[at + 3 * bucket + 2])
    local full = full_at[key] or tonumber(redis.call('GET', KEYS[key]) or '0')
    -- A clock that was set back must not close a bucket for long.
    full = math.max(math.min(full, now + holds * token), now)
    full_at[key] = full
    wait = math.max(wait, full + token - now - holds * token)
  end
  if wait > 0 then
    return wait
  end
  for bucket = 0, buckets - 1 do
    local key = tonumber(ARGV[at + 3 * bucket])
    local token = 1000000 / tonumber(ARGV[at + 3 * bucket + 1])
    full_at[key] = full_at[key] + token
  end
  return 0
end

local function keep_buckets(now)
  for key, full in pairs(full_at) do
    if full > now then
      redis.call('SET', KEYS[key], string.format('%.0f', math.ceil(full)), 'PX',
        math.ceil((full - now) / 1000) + 1)
    end
  end
end
