SELECT pg_catalog.pg_try_advisory_lock(1751936052, $1::integer), pg_catalog.pg_backend_pid()
