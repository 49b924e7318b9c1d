-- Before 14, which brought compression methods: columns of tables and attributes of composite types. Of views and materialized views only those that carry more
-- than their definition gives them.
SELECT c.tableoid, a.attrelid, a.attnum,
       n.nspname AS schema, format('%I.%I', n.nspname, c.relname) AS parent, a.attname AS name,
       format('%I.%I.%I', n.nspname, c.relname, a.attname) AS address,
       NULL AS owner,
       a.attnum AS position,
       CASE c.relkind WHEN 'c' THEN 'type' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
            WHEN 'f' THEN 'foreign table' ELSE 'table' END AS of,
       format_type(a.atttypid, a.atttypmod) AS type,
       CASE WHEN a.attcollation <> t.typcollation AND c.relkind NOT IN ('v', 'm')
            THEN (SELECT format('%I.%I', cn.nspname, l.collname)
                  FROM pg_collation l JOIN pg_namespace cn ON cn.oid = l.collnamespace
                  WHERE l.oid = a.attcollation) END AS collation,
       CASE WHEN a.attnotnull THEN 'true' END AS not_null,
       pg_get_expr(d.adbin, d.adrelid) AS "default",
       CASE a.attgenerated WHEN 's' THEN 'STORED' WHEN 'v' THEN 'VIRTUAL' END AS generated,
       CASE a.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' END AS identity,
       CASE WHEN a.attidentity <> ''
            THEN (SELECT concat_ws(E'\n',
				'SEQUENCE NAME ' || format('%I.%I', sn.nspname, sc.relname),
				CASE WHEN sc.relpersistence = 'u' THEN 'UNLOGGED' END,
				'START WITH ' || s.seqstart,
				'INCREMENT BY ' || s.seqincrement,
				'MINVALUE ' || s.seqmin,
				'MAXVALUE ' || s.seqmax,
				'CACHE ' || s.seqcache,
				CASE WHEN s.seqcycle THEN 'CYCLE' END)
                  FROM pg_depend i
                  JOIN pg_sequence s ON s.seqrelid = i.objid
                  JOIN pg_class sc ON sc.oid = s.seqrelid
                  JOIN pg_namespace sn ON sn.oid = sc.relnamespace
                  WHERE i.classid = 'pg_class'::regclass AND i.refclassid = 'pg_class'::regclass
                    AND i.refobjid = a.attrelid AND i.refobjsubid = a.attnum AND i.deptype = 'i')
            END AS identity_sequence,
       CASE WHEN a.attstorage <> t.typstorage
            THEN CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'x' THEN 'EXTENDED'
                      WHEN 'm' THEN 'MAIN' END END AS storage,
       NULL AS compression,
       CASE WHEN a.attstattarget >= 0 THEN a.attstattarget END AS statistics,
       array_to_string(a.attoptions, E'\n') AS options,
       CASE WHEN a.attfdwoptions IS NOT NULL
            THEN (SELECT string_agg(quote_ident(o.option_name) || ' ' || quote_literal(o.option_value), E'\n'
                                    ORDER BY o.option_name COLLATE "C")
                  FROM pg_options_to_table(a.attfdwoptions) o) END AS server_options,
       CASE WHEN a.attinhcount > 0 AND NOT a.attislocal THEN 'true' END AS inherited
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped
  AND c.relkind IN ('r', 'p', 'f', 'c', 'v', 'm') AND c.relpersistence <> 't'
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
  AND (c.relkind NOT IN ('v', 'm')
       OR a.attacl IS NOT NULL OR d.oid IS NOT NULL OR a.attoptions IS NOT NULL OR a.attstattarget >= 0
       OR a.attstorage <> t.typstorage
       OR EXISTS (SELECT FROM pg_description s
                  WHERE s.classoid = 'pg_class'::regclass AND s.objoid = a.attrelid AND s.objsubid = a.attnum)
       OR EXISTS (SELECT FROM pg_seclabel s
                  WHERE s.classoid = 'pg_class'::regclass AND s.objoid = a.attrelid AND s.objsubid = a.attnum))
