-- Which relations each effect that is told may mean, as the catalogue stands before the statement.
-- The setting test.told holds them as JSON: [{"role", "named", "name" (quoted, of one or two parts), …}]
TRUNCATE was, told, cover;
INSERT INTO was
SELECT c.oid, c.relname, c.relkind, c.relfilenode
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema';
INSERT INTO told
SELECT i, e->>'role', CASE WHEN (e->>'named')::bool THEN '' ELSE e->>'role' END, (e->>'named')::bool, e->>'name', to_regclass(e->>'name'),
	(e->>'least')::int, (e->>'lock')::int, (e->>'rewrite')::int, (e->>'scan')::int
FROM jsonb_array_elements(current_setting('test.told')::jsonb) WITH ORDINALITY AS x (e, i);
INSERT INTO cover
SELECT t.id, o, true FROM told t, LATERAL (
	SELECT t.oid WHERE t.named
	UNION SELECT h FROM unnest(ARRAY(SELECT pg_temp.heirs(t.oid))) h WHERE t.via = 'HEIRS' AND h <> t.oid
	UNION SELECT i.indrelid FROM pg_index i WHERE t.via = 'HEIRS' AND i.indexrelid <> t.oid AND i.indexrelid IN (SELECT pg_temp.heirs(t.oid))
	UNION SELECT i.indrelid FROM pg_index i WHERE t.via = 'TABLE' AND i.indexrelid = t.oid
	UNION SELECT stxrelid FROM pg_statistic_ext s WHERE t.via = 'TABLE' AND stxname = t.name
	UNION SELECT indexrelid FROM pg_index i WHERE t.via = 'INDEXES' AND indrelid IN (SELECT pg_temp.heirs(t.oid))
	UNION SELECT pg_temp.parents(t.oid) WHERE t.via = 'PARENT'
	UNION SELECT pg_temp.heirs(p) FROM unnest(ARRAY(SELECT pg_temp.parents(t.oid))) p WHERE t.via = 'SIBLINGS'
	UNION SELECT partdefid FROM pg_partitioned_table WHERE t.via = 'DEFAULT_PARTITION'
		AND partrelid IN (SELECT t.oid UNION SELECT pg_temp.parents(t.oid))
	UNION SELECT confrelid FROM pg_constraint WHERE t.via = 'REFERENCED' AND contype = 'f'
		AND (t.oid IS NULL OR conrelid IN (SELECT pg_temp.heirs(t.oid)))
	UNION SELECT pg_temp.referencing(t.oid) WHERE t.via = 'REFERENCING'
	UNION SELECT pg_temp.dependents(t.name) WHERE t.via IN ('DEPENDENTS', 'CONTENT')
	UNION SELECT w.oid FROM was w WHERE t.via = 'CONTENT' AND t.name IS NULL
	UNION SELECT pg_temp.sources(t.oid) WHERE t.via = 'SOURCE' AND t.oid IS NOT NULL
	UNION SELECT w.oid FROM was w WHERE t.via = 'SOURCE' AND t.name IS NULL
	UNION SELECT attrelid FROM pg_attribute JOIN pg_type y ON y.oid = atttypid WHERE t.via = 'USERS' AND y.typname = t.name
	UNION SELECT c.oid FROM pg_class c JOIN pg_type y ON y.oid = reloftype WHERE t.via = 'USERS' AND y.typname = t.name
) x (o)
WHERE o IN (SELECT oid FROM was);
-- Not looked for one by one: what a view that is named reads, and what belongs to a relation.
INSERT INTO cover
SELECT t.id, s, false FROM told t, pg_temp.sources(t.oid) s WHERE t.role = 'SOURCE' AND t.named;
INSERT INTO cover
SELECT c.id, i.indexrelid, false FROM cover c JOIN pg_index i ON i.indrelid = c.oid
UNION SELECT c.id, d.objid, false FROM cover c JOIN pg_depend d
	ON d.refobjid = c.oid AND d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
	AND d.deptype IN ('a', 'i') JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S';
