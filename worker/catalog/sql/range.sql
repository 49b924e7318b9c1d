SELECT t.tableoid, t.oid, 0, n.nspname AS schema, NULL AS parent, t.typname AS name,
       format('%I.%I', n.nspname, t.typname) AS address,
       quote_ident(pg_get_userbyid(t.typowner)) AS owner,
       concat_ws(E'\n',
	'SUBTYPE = ' || format_type(r.rngsubtype, NULL),
	'SUBTYPE_OPCLASS = ' || CASE WHEN NOT o.opcdefault THEN format('%I.%I', opn.nspname, o.opcname) END,
	'COLLATION = ' || (SELECT format('%I.%I', cn.nspname, c.collname)
	                   FROM pg_collation c JOIN pg_namespace cn ON cn.oid = c.collnamespace
	                   WHERE c.oid = r.rngcollation AND r.rngcollation <> s.typcollation),
	'CANONICAL = ' || NULLIF(r.rngcanonical, 0)::regproc::text,
	'SUBTYPE_DIFF = ' || NULLIF(r.rngsubdiff, 0)::regproc::text,
	'MULTIRANGE_TYPE_NAME = ' || format_type((to_jsonb(r) ->> 'rngmultitypid')::oid, NULL)) AS definition
FROM pg_range r
JOIN pg_type t ON t.oid = r.rngtypid
JOIN pg_namespace n ON n.oid = t.typnamespace
JOIN pg_type s ON s.oid = r.rngsubtype
JOIN pg_opclass o ON o.oid = r.rngsubopc
JOIN pg_namespace opn ON opn.oid = o.opcnamespace
WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
