SELECT h.pid,
       h.hostname,
       h.usename,
       h.command,
       pg_catalog.to_char(h.acquired_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
       greatest(0, pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - h.acquired_at))::bigint
  FROM {holder} h
 WHERE h.lock_id = $1::bigint
   AND coalesce(h.acquired_at >= $2::timestamptz, true)
