-- Base types and shells (a shell has no definition). Row types, arrays and multiranges belong to other objects.
SELECT t.tableoid, t.oid, 0, n.nspname AS schema, NULL AS parent, t.typname AS name,
       format('%I.%I', n.nspname, t.typname) AS address,
       quote_ident(pg_get_userbyid(t.typowner)) AS owner,
       CASE WHEN t.typisdefined THEN concat_ws(E'\n',
	'INPUT = ' || NULLIF(t.typinput, 0)::regproc::text,
	'OUTPUT = ' || NULLIF(t.typoutput, 0)::regproc::text,
	'RECEIVE = ' || NULLIF(t.typreceive, 0)::regproc::text,
	'SEND = ' || NULLIF(t.typsend, 0)::regproc::text,
	'TYPMOD_IN = ' || NULLIF(t.typmodin, 0)::regproc::text,
	'TYPMOD_OUT = ' || NULLIF(t.typmodout, 0)::regproc::text,
	'ANALYZE = ' || NULLIF(t.typanalyze, 0)::regproc::text,
	'SUBSCRIPT = ' || NULLIF(to_jsonb(t) ->> 'typsubscript', '-'),
	'INTERNALLENGTH = ' || CASE WHEN t.typlen < 0 THEN 'VARIABLE' ELSE t.typlen::text END,
	CASE WHEN t.typbyval THEN 'PASSEDBYVALUE' END,
	'ALIGNMENT = ' || CASE t.typalign WHEN 'c' THEN 'char' WHEN 's' THEN 'int2' WHEN 'd' THEN 'double' END,
	'STORAGE = ' || CASE t.typstorage WHEN 'e' THEN 'external' WHEN 'x' THEN 'extended' WHEN 'm' THEN 'main' END,
	CASE WHEN t.typcategory <> 'U' THEN 'CATEGORY = ' || quote_literal(t.typcategory::text) END,
	CASE WHEN t.typispreferred THEN 'PREFERRED = true' END,
	'DEFAULT = ' || quote_literal(t.typdefault),
	'ELEMENT = ' || CASE WHEN t.typelem <> 0 THEN format_type(t.typelem, NULL) END,
	CASE WHEN t.typdelim <> ',' THEN 'DELIMITER = ' || quote_literal(t.typdelim::text) END,
	CASE WHEN t.typcollation <> 0 THEN 'COLLATABLE = true' END) END AS definition
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE (t.typtype = 'b' AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
       OR t.typtype = 'p' AND NOT t.typisdefined)
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
