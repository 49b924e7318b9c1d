-- The server must not end this session for being idle, which PostgreSQL can do since version 14.
SELECT pg_catalog.set_config(s.name, '0', false)
FROM pg_catalog.pg_settings AS s
WHERE s.name = 'idle_session_timeout'
