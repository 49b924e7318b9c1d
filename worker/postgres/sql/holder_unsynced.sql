SELECT pg_catalog.set_config('synchronous_commit', 'off', true)
