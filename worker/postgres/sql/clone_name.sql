-- The name of a clone that this session makes; see clone_leftovers.
SELECT 'confiture_clone_' || a.pid || '_' || floor(extract(epoch FROM a.backend_start) * 1000)::bigint
FROM pg_catalog.pg_stat_activity AS a
WHERE a.pid = pg_catalog.pg_backend_pid()
