SELECT pg_catalog.pg_backend_pid(),
       pg_catalog.current_database()::text,
       session_user::text,
       pg_catalog.pg_is_in_recovery() OR pg_catalog.current_setting('transaction_read_only')::bool,
       pg_catalog.pg_is_in_recovery(),
       pg_catalog.current_setting('confiture.search_path')
