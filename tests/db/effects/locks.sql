-- The strongest lock that a session has, or waits for, on each relation: {oid: strength}.
SELECT coalesce(jsonb_object_agg(relation::text, lock), '{}')
FROM (SELECT relation, max(array_position(ARRAY['AccessShareLock', 'RowShareLock', 'RowExclusiveLock',
	'ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock',
	'AccessExclusiveLock'], mode)) AS lock
FROM pg_locks WHERE pid = $1::int AND locktype = 'relation' GROUP BY relation) x;
