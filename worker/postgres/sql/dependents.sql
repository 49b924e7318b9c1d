-- $1 kind, $2 schema or null, $3 name, $4 column or constraint, $5 schemas of the search_path,
-- $6 argument types as in proargtypes, or null. One row per dependent and column that it uses;
-- one row with nulls when nothing depends on the object; none when the object is not there.
WITH named AS (
	SELECT 'pg_class'::regclass::oid AS classid, c.oid AS objid, n.nspname AS schema
	  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	 WHERE c.relname = $3
	   AND $1 IN ('table', 'view', 'materialized_view', 'foreign_table', 'index', 'sequence', 'column',
	              'constraint')
	UNION ALL
	SELECT 'pg_proc'::regclass::oid, p.oid, n.nspname
	  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
	 WHERE p.proname = $3
	   AND $1 IN ('function', 'procedure', 'routine', 'aggregate')
	   AND ($6::text IS NULL OR p.proargtypes::text = $6::text)
	UNION ALL
	SELECT 'pg_type'::regclass::oid, t.oid, n.nspname
	  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
	 WHERE t.typname = $3 AND $1 IN ('type', 'domain')
	UNION ALL
	SELECT 'pg_namespace'::regclass::oid, n.oid, NULL FROM pg_namespace n
	 WHERE n.nspname = $3 AND $1 = 'schema'
	UNION ALL
	SELECT 'pg_extension'::regclass::oid, e.oid, NULL FROM pg_extension e
	 WHERE e.extname = $3 AND $1 = 'extension'
), found AS (
	SELECT named.*
	  FROM named LEFT JOIN unnest($5::name[]) WITH ORDINALITY AS path(name, n) ON path.name = named.schema
	 WHERE CASE WHEN named.schema IS NULL THEN true
	            WHEN $2::text IS NOT NULL THEN named.schema = $2::text
	            ELSE path.n IS NOT NULL
	       END
	 ORDER BY path.n
	 LIMIT 1
), object AS (
	SELECT f.classid, f.objid, 0 AS subid, f.schema FROM found f WHERE $4::text IS NULL
	UNION ALL
	SELECT f.classid, f.objid, a.attnum, f.schema
	  FROM found f JOIN pg_attribute a ON a.attrelid = f.objid AND a.attname = $4 AND NOT a.attisdropped
	 WHERE $1 = 'column'
	UNION ALL
	SELECT 'pg_constraint'::regclass::oid, k.oid, 0, f.schema
	  FROM found f JOIN pg_constraint k ON k.conrelid = f.objid AND k.conname = $4
	 WHERE $1 = 'constraint'
), related AS ( -- with the row type of a table, the array of a type, the index of a constraint,
               -- what an extension brought along
	SELECT o.classid, o.objid, o.subid FROM object o
	UNION ALL
	SELECT 'pg_type'::regclass::oid, kin.oid, 0
	  FROM object o JOIN pg_type t ON t.typrelid = o.objid
	  CROSS JOIN LATERAL (VALUES (t.oid), (t.typarray)) AS kin(oid)
	 WHERE o.classid = 'pg_class'::regclass AND o.subid = 0
	UNION ALL
	SELECT o.classid, t.typarray, 0 FROM object o JOIN pg_type t ON t.oid = o.objid
	 WHERE o.classid = 'pg_type'::regclass
	UNION ALL
	SELECT 'pg_class'::regclass::oid, k.conindid, 0 FROM object o JOIN pg_constraint k ON k.oid = o.objid
	 WHERE o.classid = 'pg_constraint'::regclass
	UNION ALL
	SELECT d.classid, d.objid, 0
	  FROM object o JOIN pg_depend d ON d.refclassid = o.classid AND d.refobjid = o.objid AND d.deptype = 'e'
	 WHERE o.classid = 'pg_extension'::regclass
), edge AS ( -- a view depends through its rule
	SELECT CASE WHEN v.oid IS NULL THEN d.classid ELSE 'pg_class'::regclass::oid END AS classid,
	       coalesce(v.oid, d.objid) AS objid,
	       CASE WHEN v.oid IS NULL THEN d.objsubid ELSE 0 END AS subid,
	       a.attname AS used
	  FROM related r
	  JOIN pg_depend d ON d.refclassid = r.classid AND d.refobjid = r.objid
	   AND (r.subid = 0 OR d.refobjsubid = r.subid)
	  LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
	  LEFT JOIN pg_class v ON v.oid = w.ev_class AND v.relkind IN ('v', 'm')
	  LEFT JOIN pg_attribute a ON d.refclassid = 'pg_class'::regclass AND a.attrelid = d.refobjid
	   AND a.attnum = d.refobjsubid AND d.refobjsubid > 0
	 WHERE d.deptype = 'n'
), dependent AS (
	SELECT DISTINCT e.classid, e.objid, e.subid, e.used, i.type, t.typtype, p.prokind, p.proname,
	       coalesce(s.nspname, i.schema) AS schema,
	       coalesce(c.relname, t.typname, i.name, i.identity) AS name,
	       coalesce(nullif(k.conrelid, 0), y.polrelid, g.tgrelid, b.adrelid, w.ev_class, x.indrelid,
	                CASE WHEN e.subid > 0 THEN c.oid END) AS owner,
	       coalesce(k.conname, y.polname, g.tgname, w.rulename, l.attname) AS part
	  FROM edge e
	 CROSS JOIN LATERAL pg_identify_object(e.classid, e.objid, e.subid) i
	  LEFT JOIN pg_class c ON e.classid = 'pg_class'::regclass AND c.oid = e.objid
	  LEFT JOIN pg_index x ON x.indexrelid = c.oid
	  LEFT JOIN pg_type t ON e.classid = 'pg_type'::regclass AND t.oid = e.objid
	  LEFT JOIN pg_proc p ON e.classid = 'pg_proc'::regclass AND p.oid = e.objid
	  LEFT JOIN pg_namespace s ON s.oid = coalesce(c.relnamespace, p.pronamespace, t.typnamespace)
	  LEFT JOIN pg_constraint k ON e.classid = 'pg_constraint'::regclass AND k.oid = e.objid
	  LEFT JOIN pg_policy y ON e.classid = 'pg_policy'::regclass AND y.oid = e.objid
	  LEFT JOIN pg_trigger g ON e.classid = 'pg_trigger'::regclass AND g.oid = e.objid
	  LEFT JOIN pg_rewrite w ON e.classid = 'pg_rewrite'::regclass AND w.oid = e.objid
	  LEFT JOIN pg_attrdef b ON e.classid = 'pg_attrdef'::regclass AND b.oid = e.objid
	  LEFT JOIN pg_attribute l ON l.attrelid = coalesce(b.adrelid, c.oid)
	   AND l.attnum = coalesce(b.adnum, e.subid) AND l.attnum > 0
	 WHERE NOT EXISTS (SELECT FROM related r
	                    WHERE r.classid = e.classid AND r.objid = e.objid AND r.subid = 0)
)
SELECT format('%s:%s:%s', o.classid, o.objid, o.subid),
       o.schema,
       format('%s:%s:%s', d.classid, d.objid, d.subid),
       format('%s:%s:0', 'pg_class'::regclass::oid, d.owner),
       CASE
       WHEN d.type = 'table column' THEN 'column'
       WHEN d.type = 'default value' THEN 'default'
       WHEN d.type LIKE '% constraint' THEN 'constraint'
       WHEN d.typtype = 'd' THEN 'domain'
       ELSE replace(d.type, ' ', '_')
       END,
       coalesce(n.nspname, d.schema),
       CASE
       WHEN d.part IS NOT NULL THEN concat_ws('.', q.relname, d.part)
       WHEN d.prokind IS NOT NULL
       THEN format('%s(%s)', d.proname, pg_get_function_identity_arguments(d.objid))
       ELSE d.name
       END,
       d.used
  FROM object o
  LEFT JOIN dependent d ON o.subid <> 0 OR d.owner IS DISTINCT FROM o.objid
  LEFT JOIN pg_class q ON q.oid = d.owner
  LEFT JOIN pg_namespace n ON n.oid = q.relnamespace
 ORDER BY 5, 6, 7, 3, 8
