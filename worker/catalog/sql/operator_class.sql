SELECT c.tableoid, c.oid, 0, n.nspname AS schema, NULL AS parent, c.opcname AS name,
       format('%I.%I USING %I', n.nspname, c.opcname, am.amname) AS address,
       quote_ident(pg_get_userbyid(c.opcowner)) AS owner,
       format_type(c.opcintype, NULL) AS type,
       CASE WHEN c.opcdefault THEN 'true' END AS is_default,
       format('%I.%I', fn.nspname, f.opfname) AS family,
       concat_ws(E'\n',
	(SELECT string_agg(format('OPERATOR %s %I.%s(%s,%s)%s', o.amopstrategy, pn.nspname, p.oprname,
	                          format_type(o.amoplefttype, NULL), format_type(o.amoprighttype, NULL),
	                          CASE WHEN o.amopsortfamily <> 0
	                               THEN format(' FOR ORDER BY %I.%I', sn.nspname, s.opfname) END), E'\n'
	                   ORDER BY o.amopstrategy)
	 FROM pg_depend d
	 JOIN pg_amop o ON o.oid = d.objid
	 JOIN pg_operator p ON p.oid = o.amopopr
	 JOIN pg_namespace pn ON pn.oid = p.oprnamespace
	 LEFT JOIN pg_opfamily s ON s.oid = o.amopsortfamily
	 LEFT JOIN pg_namespace sn ON sn.oid = s.opfnamespace
	 WHERE d.classid = 'pg_amop'::regclass AND d.refclassid = c.tableoid AND d.refobjid = c.oid),
	(SELECT string_agg(format('FUNCTION %s (%s, %s) %s', r.amprocnum, format_type(r.amproclefttype, NULL),
	                          format_type(r.amprocrighttype, NULL), r.amproc::regprocedure), E'\n'
	                   ORDER BY r.amprocnum)
	 FROM pg_depend d
	 JOIN pg_amproc r ON r.oid = d.objid
	 WHERE d.classid = 'pg_amproc'::regclass AND d.refclassid = c.tableoid AND d.refobjid = c.oid),
	CASE WHEN c.opckeytype <> 0 THEN 'STORAGE ' || format_type(c.opckeytype, NULL) END) AS members
FROM pg_opclass c
JOIN pg_namespace n ON n.oid = c.opcnamespace
JOIN pg_am am ON am.oid = c.opcmethod
JOIN pg_opfamily f ON f.oid = c.opcfamily
JOIN pg_namespace fn ON fn.oid = f.opfnamespace
WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
