SELECT c.tableoid, c.oid, 0, n.nspname AS schema, NULL AS parent, c.conname AS name,
       format('%I.%I', n.nspname, c.conname) AS address,
       quote_ident(pg_get_userbyid(c.conowner)) AS owner,
       format('FOR %L TO %L FROM %s', pg_encoding_to_char(c.conforencoding), pg_encoding_to_char(c.contoencoding),
              c.conproc::regproc) AS definition,
       CASE WHEN c.condefault THEN 'true' END AS is_default
FROM pg_conversion c
JOIN pg_namespace n ON n.oid = c.connamespace
WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
