-- Every role of the server.
SELECT r.rolname::text
FROM pg_catalog.pg_roles AS r
