-- Roles that the structure of this database may name: owners, grantees, policies.
SELECT r.rolname::text
FROM pg_catalog.pg_roles AS r
WHERE r.rolname !~ '^pg_' AND r.rolname <> 'postgres'
ORDER BY r.rolname
