-- What the names of this session's databases end with; see temporary_leftovers.
SELECT a.pid || '_' || floor(extract(epoch FROM a.backend_start) * 1000)::bigint
FROM pg_catalog.pg_stat_activity AS a
WHERE a.pid = pg_catalog.pg_backend_pid()
