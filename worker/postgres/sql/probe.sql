SELECT pg_catalog.pg_backend_pid(),
       pg_catalog.current_database()::text,
       session_user::text,
       pg_catalog.pg_is_in_recovery() OR pg_catalog.current_setting('transaction_read_only')::bool,
       pg_catalog.pg_is_in_recovery(),
       pg_catalog.current_setting('confiture.search_path'),
       ('x' || pg_catalog.encode(pg_catalog.substr(pg_catalog.sha256(
               pg_catalog.convert_to(pg_catalog.current_database()::text, 'UTF8')), 1, 4), 'hex'))::bit(32)::int4
           & 2147483647
