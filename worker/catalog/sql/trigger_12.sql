-- Before 13: a partition's clone of its parent's trigger is known by its dependency alone, and not told.
SELECT t.tableoid, t.oid, 0, n.nspname AS schema, format('%I.%I', n.nspname, c.relname) AS parent, t.tgname AS name,
       format('%I ON %I.%I', t.tgname, n.nspname, c.relname) AS address,
       NULL AS owner,
       pg_get_triggerdef(t.oid) AS definition,
       CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' END AS firing
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.classid = t.tableoid AND d.objid = t.oid AND d.refclassid = t.tableoid AND d.deptype = 'P')
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema' AND c.relpersistence <> 't'
