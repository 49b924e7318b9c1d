SELECT pg_catalog.set_config('session_authorization', pg_catalog.current_setting('confiture.authorization'), true),
       pg_catalog.set_config('role', pg_catalog.current_setting('confiture.role'), true)
