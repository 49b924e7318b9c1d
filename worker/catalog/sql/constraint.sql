-- Constraints of tables. What a partition has from its parent's foreign key is part of that key.
SELECT k.tableoid, k.oid, 0, n.nspname AS schema, format('%I.%I', n.nspname, c.relname) AS parent, k.conname AS name,
       format('%I ON %I.%I', k.conname, n.nspname, c.relname) AS address,
       NULL AS owner,
       CASE k.contype WHEN 'c' THEN 'CHECK' WHEN 'f' THEN 'FOREIGN KEY' WHEN 'p' THEN 'PRIMARY KEY'
            WHEN 'u' THEN 'UNIQUE' WHEN 'x' THEN 'EXCLUDE' END AS type,
       pg_get_constraintdef(k.oid) AS definition,
       CASE WHEN NOT k.conislocal THEN 'true' END AS inherited,
       CASE WHEN k.conparentid <> 0
            THEN (SELECT format('%I ON %I.%I', p.conname, pn.nspname, pc.relname)
                  FROM pg_constraint p
                  JOIN pg_class pc ON pc.oid = p.conrelid
                  JOIN pg_namespace pn ON pn.oid = pc.relnamespace
                  WHERE p.oid = k.conparentid)
            WHEN k.conindid <> 0 AND k.contype IN ('p', 'u', 'x')
            THEN (SELECT format('%I.%I', pn.nspname, p.relname)
                  FROM pg_inherits h
                  JOIN pg_class p ON p.oid = h.inhparent
                  JOIN pg_namespace pn ON pn.oid = p.relnamespace
                  WHERE h.inhrelid = k.conindid) END AS part_of,
       CASE WHEN k.conindid <> 0 AND k.contype IN ('p', 'u')
            THEN (SELECT array_to_string(x.reloptions, E'\n') FROM pg_class x WHERE x.oid = k.conindid)
            END AS options,
       CASE WHEN k.conindid <> 0 AND k.contype IN ('p', 'u', 'x')
            THEN (SELECT quote_ident(s.spcname)
                  FROM pg_class x JOIN pg_tablespace s ON s.oid = x.reltablespace
                  WHERE x.oid = k.conindid) END AS tablespace
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype IN ('c', 'f', 'p', 'u', 'x')
  AND NOT (k.contype = 'f' AND k.conparentid <> 0)
  AND c.relpersistence <> 't' AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
