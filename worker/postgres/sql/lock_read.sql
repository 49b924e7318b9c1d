SELECT l.pid,
       l.pid = pg_catalog.pg_backend_pid(),
       pg_catalog.to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US+00')
  FROM pg_catalog.pg_locks l
  JOIN pg_catalog.pg_database d ON d.oid = l.database AND d.datname = pg_catalog.current_database()
  LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
 WHERE l.locktype = 'advisory'
   AND l.classid = 1751936052
   AND l.objid = $1::bigint::oid
   AND l.objsubid = 2
   AND l.granted
 LIMIT 1
