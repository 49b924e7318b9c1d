SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity a
                    WHERE a.pid = $1::integer AND a.backend_start = $2::timestamptz)
  FROM pg_catalog.pg_sleep(0.02)
