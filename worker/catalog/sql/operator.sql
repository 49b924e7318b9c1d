-- An operator without a function is a shell, made by another's COMMUTATOR or NEGATOR.
SELECT o.tableoid, o.oid, 0, n.nspname AS schema, NULL AS parent, o.oprname AS name,
       format('%I.%s (%s, %s)', n.nspname, o.oprname,
              CASE WHEN o.oprleft = 0 THEN 'NONE' ELSE format_type(o.oprleft, NULL) END,
              CASE WHEN o.oprright = 0 THEN 'NONE' ELSE format_type(o.oprright, NULL) END) AS address,
       quote_ident(pg_get_userbyid(o.oprowner)) AS owner,
       CASE WHEN o.oprcode <> 0 THEN concat_ws(E'\n',
	'FUNCTION = ' || o.oprcode::regproc,
	'LEFTARG = ' || CASE WHEN o.oprleft <> 0 THEN format_type(o.oprleft, NULL) END,
	'RIGHTARG = ' || CASE WHEN o.oprright <> 0 THEN format_type(o.oprright, NULL) END,
	'COMMUTATOR = ' || (SELECT format('OPERATOR(%I.%s)', cn.nspname, c.oprname)
	                    FROM pg_operator c JOIN pg_namespace cn ON cn.oid = c.oprnamespace WHERE c.oid = o.oprcom),
	'NEGATOR = ' || (SELECT format('OPERATOR(%I.%s)', gn.nspname, g.oprname)
	                 FROM pg_operator g JOIN pg_namespace gn ON gn.oid = g.oprnamespace WHERE g.oid = o.oprnegate),
	CASE WHEN o.oprcanmerge THEN 'MERGES' END,
	CASE WHEN o.oprcanhash THEN 'HASHES' END) END AS definition,
       NULLIF(o.oprrest, 0)::regproc::text AS restrict,
       NULLIF(o.oprjoin, 0)::regproc::text AS "join"
FROM pg_operator o
JOIN pg_namespace n ON n.oid = o.oprnamespace
WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
