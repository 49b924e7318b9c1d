-- Rules but those that make a view.
SELECT r.tableoid, r.oid, 0, n.nspname AS schema, format('%I.%I', n.nspname, c.relname) AS parent, r.rulename AS name,
       format('%I ON %I.%I', r.rulename, n.nspname, c.relname) AS address,
       NULL AS owner,
       pg_get_ruledef(r.oid) AS definition,
       CASE r.ev_enabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS'
            END AS firing
FROM pg_rewrite r
JOIN pg_class c ON c.oid = r.ev_class
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE r.rulename <> '_RETURN' AND c.relpersistence <> 't'
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
