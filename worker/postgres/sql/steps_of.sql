SELECT pg_catalog.count(*), coalesce(pg_catalog.max(s.planned), 0)
  FROM {step} s
 WHERE s.job = $1::text AND s.attempt = $2::bigint
