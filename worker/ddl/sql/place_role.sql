-- Who we are, as ALTER ROLE wants it, and what a new database of this server is encoded in.
SELECT pg_catalog.quote_ident(current_user), pg_catalog.pg_encoding_to_char(d.encoding)::text
FROM pg_catalog.pg_database AS d
WHERE d.datname = 'template0'
