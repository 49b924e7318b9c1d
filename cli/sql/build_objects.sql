-- What somebody made in this database: neither PostgreSQL's own (below the first oid that it gives out) nor a part of
-- an extension. A few by name, and how many there are.
WITH made (rank, classid, objid) AS (
  SELECT 1, 'pg_catalog.pg_class'::pg_catalog.regclass, oid FROM pg_catalog.pg_class
   WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c')
     AND relnamespace NOT IN (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname ~ '^pg_(toast|temp)')
  UNION ALL SELECT 2, 'pg_catalog.pg_type'::pg_catalog.regclass, oid FROM pg_catalog.pg_type AS t
   WHERE typtype IN ('d', 'e', 'r', 'b')
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_type AS e WHERE e.typarray = t.oid)
  UNION ALL SELECT 3, 'pg_catalog.pg_proc'::pg_catalog.regclass, oid FROM pg_catalog.pg_proc
  UNION ALL SELECT 4, 'pg_catalog.pg_namespace'::pg_catalog.regclass, oid FROM pg_catalog.pg_namespace
   WHERE nspname <> 'public' AND nspname !~ '^pg_(toast_)?temp_'
  UNION ALL SELECT 5, 'pg_catalog.pg_operator'::pg_catalog.regclass, oid FROM pg_catalog.pg_operator
  UNION ALL SELECT 5, 'pg_catalog.pg_opfamily'::pg_catalog.regclass, oid FROM pg_catalog.pg_opfamily
  UNION ALL SELECT 5, 'pg_catalog.pg_collation'::pg_catalog.regclass, oid FROM pg_catalog.pg_collation
  UNION ALL SELECT 5, 'pg_catalog.pg_conversion'::pg_catalog.regclass, oid FROM pg_catalog.pg_conversion
  UNION ALL SELECT 5, 'pg_catalog.pg_ts_config'::pg_catalog.regclass, oid FROM pg_catalog.pg_ts_config
  UNION ALL SELECT 5, 'pg_catalog.pg_ts_dict'::pg_catalog.regclass, oid FROM pg_catalog.pg_ts_dict
  UNION ALL SELECT 5, 'pg_catalog.pg_ts_parser'::pg_catalog.regclass, oid FROM pg_catalog.pg_ts_parser
  UNION ALL SELECT 5, 'pg_catalog.pg_ts_template'::pg_catalog.regclass, oid FROM pg_catalog.pg_ts_template
  UNION ALL SELECT 5, 'pg_catalog.pg_cast'::pg_catalog.regclass, oid FROM pg_catalog.pg_cast
  UNION ALL SELECT 5, 'pg_catalog.pg_language'::pg_catalog.regclass, oid FROM pg_catalog.pg_language
  UNION ALL SELECT 5, 'pg_catalog.pg_event_trigger'::pg_catalog.regclass, oid FROM pg_catalog.pg_event_trigger
  UNION ALL SELECT 5, 'pg_catalog.pg_publication'::pg_catalog.regclass, oid FROM pg_catalog.pg_publication
  UNION ALL SELECT 5, 'pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass, oid
              FROM pg_catalog.pg_foreign_data_wrapper
  UNION ALL SELECT 5, 'pg_catalog.pg_foreign_server'::pg_catalog.regclass, oid FROM pg_catalog.pg_foreign_server
  UNION ALL SELECT 6, 'pg_catalog.pg_largeobject'::pg_catalog.regclass, oid FROM pg_catalog.pg_largeobject_metadata
)
SELECT pg_catalog.pg_describe_object(classid, objid, 0), pg_catalog.count(*) OVER ()
  FROM made
 WHERE objid >= 16384
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                    WHERE d.classid = made.classid AND d.objid = made.objid AND d.deptype IN ('e', 'i'))
 ORDER BY rank, 1
 LIMIT 5
