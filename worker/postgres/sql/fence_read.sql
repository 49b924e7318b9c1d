-- coordinator is the fence's column, or, in one from before it, the one of nulls around it.
SELECT f.*
  FROM (SELECT NULL::text AS coordinator) AS old, LATERAL (
	SELECT f.token,
	       f.backend_pid,
	       pg_catalog.to_char(f.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US+00'),
	       f.journal,
	       f.job,
	       f.attempt,
	       a.pid IS NOT NULL,
	       a.pid IS NOT NULL AND coalesce(a.state NOT LIKE 'idle%', true),
	       CASE WHEN a.state LIKE 'idle%'
	            THEN (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - a.state_change) * 1000)::bigint
	       END,
	       EXISTS (SELECT FROM pg_catalog.pg_locks l
	                 JOIN pg_catalog.pg_database d ON d.oid = l.database AND d.datname = pg_catalog.current_database()
	                WHERE a.pid = l.pid AND l.locktype = 'advisory' AND l.classid = 1751936052
	                  AND l.objid = $2::bigint::oid AND l.objsubid = 2 AND l.granted),
	       coordinator
	  FROM {fence} f
	  LEFT JOIN pg_catalog.pg_stat_activity a
	    ON a.pid = f.backend_pid
	   AND a.datname = pg_catalog.current_database()
	   AND pg_catalog.starts_with(a.application_name, 'confiture')
	   AND coalesce(a.backend_start = f.backend_start, true)
	 WHERE f.ledger = $1::text
) AS f
