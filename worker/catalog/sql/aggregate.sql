SELECT p.tableoid, p.oid, 0, n.nspname AS schema, NULL AS parent, p.proname AS name,
       format('%I.%I(%s)', n.nspname, p.proname,
              CASE WHEN a.aggkind = 'n' AND p.pronargs = 0 THEN '*'
                   ELSE pg_get_function_identity_arguments(p.oid) END) AS address,
       quote_ident(pg_get_userbyid(p.proowner)) AS owner,
       concat_ws(E'\n',
	'SFUNC = ' || a.aggtransfn::regproc,
	'STYPE = ' || format_type(a.aggtranstype, NULL),
	'SSPACE = ' || NULLIF(a.aggtransspace, 0),
	'FINALFUNC = ' || NULLIF(a.aggfinalfn, 0)::regproc,
	CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
	CASE WHEN a.aggfinalfn <> 0 AND a.aggfinalmodify <> CASE WHEN a.aggkind = 'n' THEN 'r' ELSE 'w' END::"char"
	     THEN 'FINALFUNC_MODIFY = ' || CASE a.aggfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE'
	                                        ELSE 'READ_WRITE' END END,
	'COMBINEFUNC = ' || NULLIF(a.aggcombinefn, 0)::regproc,
	'SERIALFUNC = ' || NULLIF(a.aggserialfn, 0)::regproc,
	'DESERIALFUNC = ' || NULLIF(a.aggdeserialfn, 0)::regproc,
	'INITCOND = ' || quote_literal(a.agginitval),
	'MSFUNC = ' || NULLIF(a.aggmtransfn, 0)::regproc,
	'MINVFUNC = ' || NULLIF(a.aggminvtransfn, 0)::regproc,
	'MSTYPE = ' || CASE WHEN a.aggmtranstype <> 0 THEN format_type(a.aggmtranstype, NULL) END,
	'MSSPACE = ' || NULLIF(a.aggmtransspace, 0),
	'MFINALFUNC = ' || NULLIF(a.aggmfinalfn, 0)::regproc,
	CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
	CASE WHEN a.aggmfinalfn <> 0 AND a.aggmfinalmodify <> CASE WHEN a.aggkind = 'n' THEN 'r' ELSE 'w' END::"char"
	     THEN 'MFINALFUNC_MODIFY = ' || CASE a.aggmfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE'
	                                         ELSE 'READ_WRITE' END END,
	'MINITCOND = ' || quote_literal(a.aggminitval),
	'SORTOP = ' || (SELECT format('OPERATOR(%I.%s)', opn.nspname, o.oprname)
	                FROM pg_operator o JOIN pg_namespace opn ON opn.oid = o.oprnamespace WHERE o.oid = a.aggsortop),
	CASE WHEN a.aggkind = 'h' THEN 'HYPOTHETICAL' END,
	CASE p.proparallel WHEN 's' THEN 'PARALLEL = SAFE' WHEN 'r' THEN 'PARALLEL = RESTRICTED' END) AS definition
FROM pg_aggregate a
JOIN pg_proc p ON p.oid = a.aggfnoid
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
