SELECT pg_catalog.pg_terminate_backend(a.pid)
  FROM pg_catalog.pg_stat_activity a
 WHERE a.pid = $1::integer
   AND a.backend_start = $2::timestamptz
   AND pg_catalog.starts_with(a.application_name, 'confiture')
   AND a.state LIKE 'idle%'
