SELECT pg_catalog.pg_backend_pid(), pg_catalog.set_config('idle_session_timeout', '0', false)
