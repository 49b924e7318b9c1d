-- Sequences but those behind an identity column, which are attributes of that column.
SELECT c.tableoid, c.oid, 0, n.nspname AS schema, NULL AS parent, c.relname AS name,
       format('%I.%I', n.nspname, c.relname) AS address,
       quote_ident(pg_get_userbyid(c.relowner)) AS owner,
       format_type(s.seqtypid, NULL) AS type,
       s.seqstart AS start, s.seqincrement AS increment, s.seqmin AS minimum, s.seqmax AS maximum, s.seqcache AS cache,
       CASE WHEN s.seqcycle THEN 'true' END AS cycle,
       CASE WHEN c.relpersistence = 'u' THEN 'true' END AS unlogged,
       (SELECT format('%I.%I.%I', tn.nspname, t.relname, a.attname)
        FROM pg_depend d
        JOIN pg_class t ON t.oid = d.refobjid
        JOIN pg_namespace tn ON tn.oid = t.relnamespace
        JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE d.classid = c.tableoid AND d.objid = c.oid AND d.objsubid = 0 AND d.refclassid = c.tableoid
          AND d.refobjsubid > 0 AND d.deptype = 'a') AS owned_by
FROM pg_class c
JOIN pg_sequence s ON s.seqrelid = c.oid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'S' AND c.relpersistence <> 't'
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.classid = c.tableoid AND d.objid = c.oid AND d.refclassid = c.tableoid
                    AND d.refobjsubid > 0 AND d.deptype = 'i')
