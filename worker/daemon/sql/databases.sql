SELECT datname
FROM pg_catalog.pg_database
WHERE datallowconn
  AND NOT datistemplate
  AND CASE WHEN $2::boolean THEN datname ~ $1::text ELSE datname LIKE $1::text END
ORDER BY datname
LIMIT 4096
