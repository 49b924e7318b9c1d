SELECT n.tableoid, n.oid, 0, NULL AS schema, NULL AS parent, n.nspname AS name,
       quote_ident(n.nspname) AS address,
       quote_ident(pg_get_userbyid(n.nspowner)) AS owner
FROM pg_namespace n
WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
