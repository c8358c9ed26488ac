-- Put before the scripts that need it: which life of Redis this is.
--
-- A server that was started again or promoted may hold less than what was answered before, and one
-- put in its place holds nothing; each is another generation. The first word lives with the data and
-- tells an emptied Redis, run and replication id tell a start, a promotion and a return.
local function generation(key)
  local lineage = redis.call('GET', key)
  if not lineage then
    local begun = redis.call('TIME')
    lineage = string.format('%d%06d', begun[1], begun[2])
    redis.call('SET', key, lineage)
  end
  -- A hosted Redis may hide these: then the first word alone has to do.
  local server, replication = redis.pcall('INFO', 'server'), redis.pcall('INFO', 'replication')
  local run = type(server) == 'string' and string.match(server, 'run_id:(%x+)') or ''
  local history = type(replication) == 'string' and string.match(replication, 'master_replid:(%x+)') or ''
  return lineage .. '.' .. string.sub(run, 1, 11) .. '.' .. string.sub(history, 1, 11)
end

