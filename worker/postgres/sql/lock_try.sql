SELECT pg_catalog.pg_try_advisory_lock(1751936052, $1::integer),
       pg_catalog.pg_backend_pid(),
       CASE WHEN $2::text <> '' THEN pg_catalog.set_config('idle_session_timeout', $2::text, false) END
