-- Databases whose maker's session is gone: confiture_<kind>_<pid>_<start of its backend in ms>[_<number>].
SELECT d.datname
FROM pg_catalog.pg_database AS d
WHERE d.datname ~ '^confiture_(clone|scratch)_[0-9]{1,9}_[0-9]{1,15}(_[0-9]+)?$'
  AND NOT EXISTS (
    SELECT
    FROM pg_catalog.pg_stat_activity AS a
    WHERE a.pid = split_part(d.datname, '_', 3)::int
      AND floor(extract(epoch FROM a.backend_start) * 1000)::bigint = split_part(d.datname, '_', 4)::bigint)
