SELECT c.tableoid, c.oid, 0, n.nspname AS schema, NULL AS parent, c.relname AS name,
       format('%I.%I', n.nspname, c.relname) AS address,
       quote_ident(pg_get_userbyid(c.relowner)) AS owner,
       pg_get_viewdef(c.oid) AS definition,
       array_to_string(c.reloptions, E'\n') AS options,
       CASE WHEN c.relam <> 0
            THEN (SELECT quote_ident(am.amname) FROM pg_am am
                  WHERE am.oid = c.relam AND am.amname <> 'heap') END AS access_method,
       CASE WHEN c.reltablespace <> 0
            THEN (SELECT quote_ident(s.spcname) FROM pg_tablespace s WHERE s.oid = c.reltablespace)
            END AS tablespace,
       CASE WHEN c.relhasindex
            THEN (SELECT quote_ident(x.relname)
                  FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
                  WHERE i.indrelid = c.oid AND i.indisclustered) END AS clustered_on
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'm' AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
