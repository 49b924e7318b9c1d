SELECT e.tableoid, e.oid, 0, NULL AS schema, NULL AS parent, e.extname AS name,
       quote_ident(e.extname) AS address,
       quote_ident(pg_get_userbyid(e.extowner)) AS owner,
       quote_ident(n.nspname) AS in_schema,
       e.extversion AS version
FROM pg_extension e
JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE e.oid >= 16384
