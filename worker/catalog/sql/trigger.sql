-- Triggers. The clone that a partition has of its parent's trigger is told only where it fires otherwise.
SELECT t.tableoid, t.oid, 0, n.nspname AS schema, format('%I.%I', n.nspname, c.relname) AS parent, t.tgname AS name,
       format('%I ON %I.%I', t.tgname, n.nspname, c.relname) AS address,
       NULL AS owner,
       CASE WHEN t.tgparentid = 0 THEN pg_get_triggerdef(t.oid) END AS definition,
       CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS'
            WHEN 'O' THEN CASE WHEN t.tgparentid <> 0 THEN 'ENABLE' END END AS firing
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_trigger p ON p.oid = t.tgparentid
WHERE (NOT t.tgisinternal OR t.tgparentid <> 0 AND NOT p.tgisinternal)
  AND (t.tgparentid = 0 OR t.tgenabled <> p.tgenabled)
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema' AND c.relpersistence <> 't'
