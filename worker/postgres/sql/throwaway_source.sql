-- What the throwaway database must have in common with its source.
SELECT pg_catalog.current_database()::text, pg_catalog.pg_encoding_to_char(d.encoding)::text
FROM pg_catalog.pg_database AS d
WHERE d.datname = pg_catalog.current_database()
