-- Put before the scripts that need it: is more than this share of Redis' maxmemory in use?
--
-- What a script was handed is part of it, so a script that is let pass at a share ends there too.
local function fuller_than(share)
  local memory = redis.pcall('INFO', 'memory')
  if type(memory) ~= 'string' then
    return false
  end
  local function value(name)
    return tonumber(string.match(memory, '\n' .. name .. ':(%d+)') or 0)
  end
  local most = value('maxmemory')
  return most > 0 and value('used_memory') - value('mem_not_counted_for_evict') > most * share
end

