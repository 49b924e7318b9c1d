SELECT t.tableoid, t.oid, 0, NULL AS schema, NULL AS parent,
       format('%s %s', format_type(t.trftype, NULL), l.lanname) AS name,
       format('FOR %s LANGUAGE %I', format_type(t.trftype, NULL), l.lanname) AS address,
       NULL AS owner,
       concat_ws(E'\n',
	'FROM SQL WITH FUNCTION ' || NULLIF(t.trffromsql, 0)::regprocedure,
	'TO SQL WITH FUNCTION ' || NULLIF(t.trftosql, 0)::regprocedure) AS definition
FROM pg_transform t
JOIN pg_language l ON l.oid = t.trflang
WHERE t.oid >= 16384
