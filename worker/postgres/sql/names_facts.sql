WITH found AS (
	SELECT c.oid, n.nspname, c.relname
	  FROM pg_catalog.pg_class c
	  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	 WHERE c.oid = $1::oid
	   AND c.relkind IN ('r', 'p', 'v', 'f')
), open_schema AS (
	SELECT s.name
	  FROM pg_catalog.unnest($3::name[]) WITH ORDINALITY AS s(name, n)
	 WHERE NOT pg_catalog.starts_with(s.name::text, 'pg_')
	   AND pg_catalog.has_schema_privilege(s.name::text, 'CREATE')
	 ORDER BY s.n
	 LIMIT 1
), place AS (
	SELECT coalesce((SELECT nspname FROM found), $4::name, (SELECT name FROM open_schema)) AS schema
), there AS (
	SELECT c.oid, c.relname
	  FROM pg_catalog.pg_class c
	  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	  JOIN place ON place.schema = n.nspname
	 WHERE c.relname IN ('confiture_fence', 'confiture_step', 'confiture_mark')
)
SELECT place.schema,
       (SELECT relname FROM found),
       EXISTS (SELECT FROM found JOIN pg_catalog.pg_attribute a ON a.attrelid = found.oid
                WHERE a.attname = 'applied_by' AND NOT a.attisdropped),
       EXISTS (SELECT FROM there WHERE relname = 'confiture_fence'),
       EXISTS (SELECT FROM there WHERE relname = 'confiture_step'),
       EXISTS (SELECT FROM there WHERE relname = 'confiture_mark'),
       (SELECT n.nspname
          FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE c.oid = $2::oid),
       (SELECT name FROM open_schema),
       EXISTS (SELECT FROM pg_catalog.pg_namespace n WHERE n.nspname = place.schema),
       EXISTS (SELECT FROM there JOIN pg_catalog.pg_attribute a ON a.attrelid = there.oid
                WHERE there.relname = 'confiture_fence' AND a.attname = 'coordinator' AND NOT a.attisdropped)
  FROM place
