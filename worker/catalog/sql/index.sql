-- Indexes but those of constraints.
SELECT x.tableoid, x.oid, 0, n.nspname AS schema, format('%I.%I', n.nspname, c.relname) AS parent, x.relname AS name,
       format('%I.%I', n.nspname, x.relname) AS address,
       NULL AS owner,
       pg_get_indexdef(i.indexrelid) AS definition,
       CASE WHEN NOT i.indisvalid AND x.relkind = 'i' THEN 'true' END AS invalid,
       CASE WHEN x.reltablespace <> 0
            THEN (SELECT quote_ident(s.spcname) FROM pg_tablespace s WHERE s.oid = x.reltablespace)
            END AS tablespace,
       (SELECT string_agg(a.attnum || ' ' || a.attstattarget, E'\n' ORDER BY a.attnum)
        FROM pg_attribute a WHERE a.attrelid = x.oid AND a.attstattarget >= 0) AS statistics,
       CASE WHEN x.relispartition
            THEN (SELECT format('%I.%I', pn.nspname, p.relname)
                  FROM pg_inherits h
                  JOIN pg_class p ON p.oid = h.inhparent
                  JOIN pg_namespace pn ON pn.oid = p.relnamespace
                  WHERE h.inhrelid = x.oid) END AS part_of
FROM pg_index i
JOIN pg_class x ON x.oid = i.indexrelid
JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't'
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_constraint k
                  WHERE k.conrelid = i.indrelid AND k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
