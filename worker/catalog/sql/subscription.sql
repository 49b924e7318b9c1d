-- The connection string is never read: it holds a password, and only a superuser could. So the columns that everybody
-- may read are named one by one, and the row itself is not.
SELECT 'pg_subscription'::regclass::oid, s.oid, 0, NULL AS schema, NULL AS parent, s.subname AS name,
       quote_ident(s.subname) AS address,
       quote_ident(pg_get_userbyid(s.subowner)) AS owner,
       (SELECT string_agg(quote_ident(p), E'\n' ORDER BY p COLLATE "C") FROM unnest(s.subpublications) p)
       AS publications,
       concat_ws(E'\n',
	'slot_name = ' || coalesce(quote_literal(s.subslotname), 'NONE'),
	'synchronous_commit = ' || quote_literal(s.subsynccommit),
	CASE WHEN s.subbinary THEN 'binary = true' END,
	CASE s.substream::text WHEN 'true' THEN 'streaming = true' WHEN 't' THEN 'streaming = true'
	     WHEN 'p' THEN 'streaming = parallel' END,
	CASE WHEN s.subtwophasestate <> 'd' THEN 'two_phase = true' END,
	CASE WHEN s.subdisableonerr THEN 'disable_on_error = true' END,
	CASE WHEN o.origin <> 'any' THEN 'origin = ' || quote_literal(o.origin) END) AS options,
       CASE WHEN s.subenabled THEN 'true' END AS enabled
FROM pg_subscription s
     -- a column that servers from 16 on have, in a text that 15 understands
     CROSS JOIN LATERAL (SELECT CASE WHEN current_setting('server_version_num')::int >= 160000
         THEN substring(query_to_xml(format('SELECT suborigin FROM pg_catalog.pg_subscription WHERE oid = %s', s.oid),
                                     false, true, '')::text FROM '<suborigin>([^<]*)<') END AS origin) o
WHERE s.subdbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
