-- Files and rows read of all relations, as this transaction sees them: {oid: [file, rows read]}.
SELECT jsonb_object_agg(c.oid::text, jsonb_build_array(c.relfilenode,
	coalesce(pg_stat_get_xact_tuples_returned(c.oid), 0) + coalesce((SELECT sum(pg_stat_get_xact_tuples_returned(indexrelid))
		FROM pg_index WHERE indrelid = c.oid), 0)))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema';
