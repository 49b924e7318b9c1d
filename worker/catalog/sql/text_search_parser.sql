SELECT p.tableoid, p.oid, 0, n.nspname AS schema, NULL AS parent, p.prsname AS name,
       format('%I.%I', n.nspname, p.prsname) AS address,
       NULL AS owner,
       concat_ws(E'\n', 'START = ' || p.prsstart, 'GETTOKEN = ' || p.prstoken, 'END = ' || p.prsend,
	'LEXTYPES = ' || p.prslextype, 'HEADLINE = ' || NULLIF(p.prsheadline, 0)::regproc) AS definition
FROM pg_ts_parser p
JOIN pg_namespace n ON n.oid = p.prsnamespace
WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
