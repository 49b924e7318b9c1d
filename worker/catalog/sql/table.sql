-- Tables, partitioned tables, partitions and foreign tables.
SELECT c.tableoid, c.oid, 0, n.nspname AS schema, NULL AS parent, c.relname AS name,
       format('%I.%I', n.nspname, c.relname) AS address,
       quote_ident(pg_get_userbyid(c.relowner)) AS owner,
       CASE WHEN c.relpersistence = 'u' THEN 'true' END AS unlogged,
       CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key,
       CASE WHEN h.inhrelid IS NOT NULL
            THEN (SELECT string_agg(format('%I.%I', pn.nspname, p.relname), E'\n' ORDER BY i.inhseqno)
                  FROM pg_inherits i
                  JOIN pg_class p ON p.oid = i.inhparent
                  JOIN pg_namespace pn ON pn.oid = p.relnamespace
                  WHERE i.inhrelid = c.oid) END AS parents,
       CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END AS bound,
       CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END AS of_type,
       array_to_string(c.reloptions, E'\n') AS options,
       CASE WHEN c.reltoastrelid <> 0
            THEN (SELECT array_to_string(t.reloptions, E'\n') FROM pg_class t WHERE t.oid = c.reltoastrelid)
            END AS toast_options,
       CASE WHEN c.relam <> 0
            THEN (SELECT quote_ident(am.amname) FROM pg_am am
                  WHERE am.oid = c.relam AND am.amname <> 'heap') END AS access_method,
       CASE WHEN c.reltablespace <> 0
            THEN (SELECT quote_ident(s.spcname) FROM pg_tablespace s WHERE s.oid = c.reltablespace)
            END AS tablespace,
       CASE WHEN c.relkind <> 'f' THEN CASE c.relreplident
            WHEN 'n' THEN 'NOTHING'
            WHEN 'f' THEN 'FULL'
            WHEN 'i' THEN (SELECT 'USING INDEX ' || quote_ident(x.relname)
                           FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
                           WHERE i.indrelid = c.oid AND i.indisreplident) END END AS replica_identity,
       CASE WHEN c.relrowsecurity THEN 'true' END AS row_security,
       CASE WHEN c.relforcerowsecurity THEN 'true' END AS force_row_security,
       CASE WHEN c.relhasindex
            THEN (SELECT quote_ident(x.relname)
                  FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
                  WHERE i.indrelid = c.oid AND i.indisclustered) END AS clustered_on,
       quote_ident(f.srvname) AS server,
       f.options AS server_options
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN (SELECT DISTINCT i.inhrelid FROM pg_inherits i) h ON h.inhrelid = c.oid
LEFT JOIN (SELECT ft.ftrelid, s.srvname,
                  (SELECT string_agg(quote_ident(o.option_name) || ' ' || quote_literal(o.option_value), E'\n'
                                     ORDER BY o.option_name COLLATE "C")
                   FROM pg_options_to_table(ft.ftoptions) o) AS options
           FROM pg_foreign_table ft JOIN pg_foreign_server s ON s.oid = ft.ftserver) f ON f.ftrelid = c.oid
WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't'
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
