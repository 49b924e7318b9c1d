SELECT pg_catalog.set_config('confiture.role', pg_catalog.current_setting('role'), true),
       pg_catalog.set_config('confiture.authorization', session_user::pg_catalog.text, true)
