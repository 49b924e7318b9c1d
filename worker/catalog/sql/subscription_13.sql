-- The connection string never leaves the server: it holds a password. Servers before 14 let only a superuser read the
-- other columns.
SELECT s.tableoid, s.oid, 0, NULL AS schema, NULL AS parent, s.subname AS name,
       quote_ident(s.subname) AS address,
       quote_ident(pg_get_userbyid(s.subowner)) AS owner,
       (SELECT string_agg(quote_ident(p), E'\n' ORDER BY p COLLATE "C") FROM unnest(s.subpublications) p)
       AS publications,
       concat_ws(E'\n',
	'slot_name = ' || coalesce(quote_literal(s.subslotname), 'NONE'),
	'synchronous_commit = ' || quote_literal(s.subsynccommit),
	CASE WHEN to_jsonb(s) ->> 'subbinary' = 'true' THEN 'binary = true' END,
	CASE to_jsonb(s) ->> 'substream' WHEN 'true' THEN 'streaming = true' WHEN 't' THEN 'streaming = true'
	     WHEN 'p' THEN 'streaming = parallel' END,
	CASE WHEN to_jsonb(s) ->> 'subtwophasestate' <> 'd' THEN 'two_phase = true' END,
	CASE WHEN to_jsonb(s) ->> 'subdisableonerr' = 'true' THEN 'disable_on_error = true' END,
	CASE WHEN to_jsonb(s) ->> 'suborigin' <> 'any' THEN 'origin = ' || quote_literal(to_jsonb(s) ->> 'suborigin')
	     END) AS options,
       CASE WHEN s.subenabled THEN 'true' END AS enabled
FROM pg_subscription s
WHERE s.subdbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
