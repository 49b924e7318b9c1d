SELECT c.tableoid, c.oid, 0, n.nspname AS schema, NULL AS parent, c.relname AS name,
       format('%I.%I', n.nspname, c.relname) AS address,
       pg_get_userbyid(c.relowner) AS owner,
       pg_get_viewdef(c.oid) AS definition,
       array_to_string(c.reloptions, E'\n') AS options
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'v' AND c.relpersistence <> 't'
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
